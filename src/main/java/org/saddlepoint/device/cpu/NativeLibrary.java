package org.saddlepoint.device.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Loads a native library that travels in the jar. Each process unpacks it under a name of its own and deletes the file
 * once it is loaded: nothing is shared between processes, and a left-over of a killed one is never looked at.
 */
final class NativeLibrary {
    private NativeLibrary() {}

    static SymbolLookup load(String fileName) {
        String resource = platform() + "/" + fileName;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("this build of Saddlepoint has no native library for " + platform()
                        + ": build it there with mvn package");
            }
            Path unpacked = Files.createTempFile("saddlepoint-", "-" + fileName);
            try {
                Files.copy(in, unpacked, StandardCopyOption.REPLACE_EXISTING);
                return SymbolLookup.libraryLookup(unpacked, Arena.global());
            } finally {
                Files.deleteIfExists(unpacked);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot unpack " + fileName + " into " + System.getProperty("java.io.tmpdir") + " ("
                            + e.getMessage() + "): choose another directory with -Djava.io.tmpdir=DIR",
                    e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "cannot load " + fileName + " from " + System.getProperty("java.io.tmpdir") + " (" + e.getMessage()
                            + "): if that directory forbids execution, choose another with -Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        return system + "-" + processor;
    }
}
