package org.saddlepoint.device.cuda;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraphExec;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Replay;

/**
 * Records work into a graph the first time, and launches the graph afterwards. At most {@link #STRETCH} *
 * {@link #STRETCHES} launches are under way: an event stands after every stretch of them, and the one that would begin
 * another waits for the oldest.
 */
final class StepGraph implements Replay {
    private static final System.Logger LOG = System.getLogger(StepGraph.class.getName());
    private static final int STRETCH = 16;
    private static final int STRETCHES = 4;

    /** A graph and what it did; the graph is null where the work cannot be recorded. */
    private record Recorded(@Nullable CUgraphExec graph, Recording recording) {}

    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final Map<Object, Recorded> kinds = new HashMap<>();
    private final @Nullable CUevent[] ends = new CUevent[STRETCHES];
    private long launched;

    StepGraph(CudaDriver driver, CudaTransfers transfers) {
        this.driver = driver;
        this.transfers = transfers;
    }

    @Override
    public void run(Object kind, Runnable work) {
        switch (driver.call(() -> begin(kind))) {
            case RECORD -> record(kind, work);
            case DIRECTLY -> work.run();
            case DONE -> {}
        }
    }

    private enum Way {
        RECORD,
        DIRECTLY,
        DONE
    }

    /** Launches what is known; says what is to be done with other work. */
    private Way begin(Object kind) {
        // To find the kernel that fails, each must be launched on its own.
        if (driver.switches().sync() || driver.recording() != null) {
            return Way.DIRECTLY;
        }
        Recorded known = kinds.get(kind);
        if (known == null) {
            return Way.RECORD;
        }
        if (known.graph == null) {
            return Way.DIRECTLY;
        }
        repeat(known.graph, known.recording);
        return Way.DONE;
    }

    private void repeat(CUgraphExec graph, Recording recording) {
        if (!recording.isValid()) {
            throw new IllegalStateException("a buffer of the recorded work is closed");
        }
        recording.requireRoom();
        makeRoom();
        driver.launch(graph);
        recording.repeatAdvances();
    }

    /** Other threads stay out meanwhile: what they launch would be recorded too. */
    private void record(Object kind, Runnable work) {
        transfers.turn().lock();
        try {
            driver.run(() -> recordAlone(kind, work));
        } finally {
            transfers.turn().unlock();
        }
    }

    private void recordAlone(Object kind, Runnable work) {
        Recording recording = new Recording();
        driver.begin(recording);
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (!recording.isInterrupted()) {
                driver.discard();
            }
            throw e;
        }
        if (!recording.isInterrupted()) {
            CUgraphExec graph = driver.end();
            kinds.put(kind, new Recorded(graph, recording));
            makeRoom();
            driver.launch(graph);
        } else if (recording.obstacle() != null) {
            LOG.log(System.Logger.Level.INFO, "a step is not recorded: it " + recording.obstacle());
            kinds.put(kind, new Recorded(null, recording));
        }
    }

    /** Before a launch. */
    private void makeRoom() {
        if (launched % STRETCH == 0 && launched > 0) {
            long stretch = launched / STRETCH;
            int before = (int) ((stretch - 1) % STRETCHES);
            CUevent end = ends[before];
            if (end == null) {
                end = driver.event(false);
                ends[before] = end;
            }
            driver.record(end, driver.compute());
            CUevent oldest = ends[(int) (stretch % STRETCHES)];
            if (oldest != null && driver.isPending(oldest)) {
                driver.countWait();
                driver.await(oldest);
            }
        }
        launched++;
    }

    @Override
    public void close() {
        driver.release(() -> {
            driver.interrupt("ends the recording");
            for (Recorded recorded : kinds.values()) {
                if (recorded.graph != null) {
                    driver.destroy(recorded.graph);
                }
            }
            for (CUevent end : ends) {
                if (end != null) {
                    driver.destroy(end);
                }
            }
        });
        kinds.clear();
        Arrays.fill(ends, null);
    }
}
