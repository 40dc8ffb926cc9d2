package org.saddlepoint.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A way to train, and how to start its process.
 *
 * @param name how tables call it
 * @param folder of its module
 * @param main its class
 * @param variant handed to it
 * @param options of the Java virtual machine
 * @param environment beside ours
 * @param convolutions whether it can train workloads that have them
 */
record Contender(
        String name,
        String folder,
        String main,
        String variant,
        List<String> options,
        Map<String, String> environment,
        boolean convolutions) {
    /**
     * Of the C library: freed memory stays with the process. Layers of images are large enough for it to go back to the
     * system at every step otherwise, which costs PyTorch 4 to 8 % of W5.
     */
    private static final Map<String, String> KEEP_MEMORY = Map.of(
            "MALLOC_ARENA_MAX", "1", "MALLOC_MMAP_THRESHOLD_", "33554432", "MALLOC_TRIM_THRESHOLD_", "17179869184");

    /** A started process. */
    final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader in;
        private final String version;
        private double processors;

        Running(Path root, Workload workload, int threads) throws IOException {
            Path target = root.resolve(folder).resolve("target");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx2g"));
            command.addAll(options);
            command.addAll(List.of("-cp", target.resolve("classes") + ":" + target.resolve("lib") + "/*"));
            command.addAll(List.of("org.saddlepoint.peers." + main, workload.name(), variant));
            command.add(Integer.toString(threads));
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            if (workload.convolutional()) {
                builder.environment().putAll(KEEP_MEMORY);
            }
            builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
            Path log = root.resolve("target").resolve(folder + "-" + variant + "-" + workload.name() + ".log");
            builder.redirectError(log.toFile());
            process = builder.start();
            in = process.inputReader(StandardCharsets.UTF_8);
            try {
                version = answer();
            } catch (IOException e) {
                throw new IOException(name + " did not start: see " + log, e);
            }
        }

        String version() {
            return version;
        }

        /** The last stretch's processor time a second. */
        double processors() {
            return processors;
        }

        Session.Slice run(double seconds) {
            try {
                process.getOutputStream().write(("run " + seconds + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
                String[] parts = answer().split(" ");
                processors = Double.parseDouble(parts[3]);
                return new Session.Slice(
                        Long.parseLong(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
            } catch (IOException e) {
                throw new UncheckedIOException(name, e);
            }
        }

        private String answer() throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("@ ")) {
                    return line.substring(2);
                }
            }
            throw new IOException(name + " ended");
        }

        @Override
        public void close() {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts a process; once more if it dies, as JavaCPP's very first unpacking of a library sometimes does. */
    Running start(Path root, Workload workload, int threads) throws IOException {
        try {
            return new Running(root, workload, threads);
        } catch (IOException e) {
            System.err.println(e.getMessage() + "; a second try");
            return new Running(root, workload, threads);
        }
    }
}
