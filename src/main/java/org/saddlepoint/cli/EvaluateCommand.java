package org.saddlepoint.cli;

import picocli.CommandLine.Command;

@Command(name = "evaluate")
final class EvaluateCommand {}
