package org.saddlepoint.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import jcuda.JCudaVersion;
import org.jspecify.annotations.Nullable;

/**
 * Brings JCuda's native libraries in. JCuda unpacks them to a fixed name in java.io.tmpdir and takes whatever file of that
 * name it finds there: several processes at once overwrite one another's, and a truncated left-over stops every later
 * one. So each process unpacks them into a directory of its own, lets JCuda look there alone, and deletes it once they are
 * loaded: nothing is shared, and a left-over of a killed process is never looked at.
 */
final class CudaNatives {
    private static final String TEMPORARY = "java.io.tmpdir";

    private CudaNatives() {}

    /**
     * Loads a library, and initialises the class that binds it.
     *
     * @param library such as JCudaDriver
     * @param className the class of JCuda whose initialisation loads it
     * @return why it cannot be loaded, or null where it was
     */
    static @Nullable String load(String library, String className) {
        return load(library, JCudaVersion.get(), className);
    }

    /**
     * Loads a library of another release than JCuda's, under the name of JCuda's: the one that JCuda looks for.
     *
     * @param library such as JCudnn
     * @param version of the library
     * @param className the class of JCuda whose initialisation loads it
     * @return why it cannot be loaded, or null where it was
     */
    static synchronized @Nullable String load(String library, String version, String className) {
        String platform = platform();
        if (!platform.equals("linux-x86_64")) {
            return "CUDA is supported on linux-x86_64 alone, not on " + platform;
        }
        String file = "lib" + library + "-" + JCudaVersion.get() + "-" + platform + ".so";
        String packed = "lib" + library + "-" + version + "-" + platform + ".so";
        Path directory = null;
        try (InputStream in = JCudaVersion.class.getResourceAsStream("/lib/" + packed)) {
            if (in == null) {
                return packed + " is not on the class path: add org.jcuda's natives for " + platform;
            }
            directory = Files.createTempDirectory("saddlepoint-cuda-");
            Path unpacked = directory.resolve(file);
            Files.copy(in, unpacked);
            // Fails with a reason where JCuda would print pages; JCuda's own attempt then finds it loaded.
            System.load(unpacked.toString());
            initialize(className, directory);
            return null;
        } catch (IOException e) {
            return "cannot unpack " + file + " into " + System.getProperty(TEMPORARY) + " (" + e.getMessage()
                    + "): choose another directory with -Djava.io.tmpdir=DIR";
        } catch (LinkageError | ClassNotFoundException e) {
            return reason(String.valueOf(e.getMessage()));
        } finally {
            delete(directory, file);
        }
    }

    private static void initialize(String className, Path directory) throws ClassNotFoundException {
        String before = System.getProperty(TEMPORARY);
        System.setProperty(TEMPORARY, directory.toString());
        try {
            Class.forName(className, true, CudaNatives.class.getClassLoader());
        } finally {
            System.setProperty(TEMPORARY, before);
        }
    }

    /** The loader's words, or ours where a library of NVIDIA's is what is missing. */
    private static String reason(String message) {
        if (message.contains("libcuda.so.1: cannot open")) {
            return "no NVIDIA driver: libcuda.so.1 was not found";
        }
        if (message.contains("libcublas.so.12: cannot open")) {
            return "no cuBLAS 12: libcublas.so.12 was not found";
        }
        if (message.contains("libcudnn.so.8: cannot open")) {
            return "no cuDNN 8: libcudnn.so.8 was not found";
        }
        return "cannot load JCuda (" + message.lines().findFirst().orElse("") + "): if " + System.getProperty(TEMPORARY)
                + " forbids execution, choose another directory with -Djava.io.tmpdir=DIR";
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        return system + "-" + processor;
    }

    private static void delete(@Nullable Path directory, String file) {
        if (directory == null) {
            return;
        }
        try {
            Files.deleteIfExists(directory.resolve(file));
            Files.delete(directory);
        } catch (IOException e) {
            System.getLogger(CudaNatives.class.getName())
                    .log(System.Logger.Level.DEBUG, "left behind: " + directory, e);
        }
    }
}
