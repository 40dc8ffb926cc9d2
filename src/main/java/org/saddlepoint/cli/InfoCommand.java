package org.saddlepoint.cli;

import picocli.CommandLine.Command;

@Command(name = "info")
final class InfoCommand {}
