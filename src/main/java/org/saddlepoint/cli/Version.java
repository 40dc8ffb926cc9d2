package org.saddlepoint.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The library's version, as the jar's manifest says. */
final class Version implements IVersionProvider {
    static String current() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"saddlepoint " + current()};
    }
}
