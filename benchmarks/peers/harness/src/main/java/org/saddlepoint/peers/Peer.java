package org.saddlepoint.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A library that trains, in a process of its own that is told by {@link Duel} when to run. */
public interface Peer {
    /**
     * Names the library and its parts.
     *
     * @return versions and settings
     */
    String version();

    /**
     * Sets a training up.
     *
     * @param workload what to train
     * @param variant how, where the peer knows several ways
     * @param threads for all that it computes
     * @return the training
     * @throws Exception where that fails
     */
    Session open(Workload workload, String variant, int threads) throws Exception;

    /**
     * Serves {@link Duel} on standard input and output: a line "run SECONDS" is answered by "@ SAMPLES SECONDS LOSS
     * PROCESSORS", the last being the processor time that this process used in each second.
     *
     * @param peer the library
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    static void serve(Peer peer, String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        Session session = peer.open(Workload.named(arguments[0]), arguments[1], Integer.parseInt(arguments[2]));
        answer(out, peer.version() + "; Java " + Runtime.version());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Duration before = used();
            Session.Slice slice = session.run(Double.parseDouble(line.split(" ")[1]));
            double processors = used().minus(before).toNanos() * 1e-9 / slice.seconds();
            answer(out, slice.samples() + " " + slice.seconds() + " " + slice.loss() + " " + processors);
        }
        System.exit(0);
    }

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static void answer(PrintStream out, String text) throws IOException {
        out.write(("@ " + text + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
