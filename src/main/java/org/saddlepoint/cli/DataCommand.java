package org.saddlepoint.cli;

import picocli.CommandLine.Command;

@Command(name = "data")
final class DataCommand {}
