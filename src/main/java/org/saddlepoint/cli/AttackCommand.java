package org.saddlepoint.cli;

import picocli.CommandLine.Command;

@Command(name = "attack")
final class AttackCommand {}
