package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.Adam;
import org.saddlepoint.train.AdversarialTraining;
import org.saddlepoint.train.ProgressListener;
import org.saddlepoint.train.Training;

/** The library itself, through its training API. */
public final class SaddlepointPeer implements Peer {
    private String description = "";

    private SaddlepointPeer() {}

    /**
     * The process.
     *
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    public static void main(String[] arguments) throws Exception {
        Peer.serve(new SaddlepointPeer(), arguments);
    }

    @Override
    public String version() {
        return "Saddlepoint 0.1.0-SNAPSHOT " + description;
    }

    @Override
    public Session open(Workload workload, String variant, int threads) {
        Synthetic data = new Synthetic();
        Dataset dataset = Dataset.ofBytes(
                "synthetic", new int[] {Synthetic.FEATURES}, Synthetic.CLASSES, data.bytes, data.labels);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < workload.layers(); i++) {
            layers.add(Layers.dense(workload.widths().get(i), workload.widths().get(i + 1)));
            if (i + 1 < workload.layers()) {
                layers.add(Layers.relu());
            }
        }
        Model model = Model.sequential(layers.toArray(Layer[]::new));
        Attack attack = Pgd.linf(workload.epsilon())
                .steps(workload.steps())
                .stepSize(workload.stepSize())
                .randomStart(true)
                .build();
        Device device = Device.cpu(threads);
        description = device.properties() + ", " + device.threads() + " threads";
        Stretches stretches = new Stretches(workload.batch());
        Training training = AdversarialTraining.with(attack)
                .optimizer(Adam.learningRate((float) Workload.LEARNING_RATE))
                .batchSize(workload.batch())
                .epochs(1_000_000)
                .seed(1)
                .onBatch(stretches::batchDone);
        Thread thread = new Thread(() -> training.fit(model, dataset, device), "training");
        thread.setDaemon(true);
        thread.start();
        return stretches::run;
    }

    /** One endless training, cut into stretches: its thread waits, after a batch, until it is told to go on. */
    private static final class Stretches {
        private final SynchronousQueue<Double> told = new SynchronousQueue<>();
        private final SynchronousQueue<Session.Slice> done = new SynchronousQueue<>();
        private final int batch;
        private long samples;
        private long start;
        private double seconds;

        /** All batches are whole: the batch size divides the data. */
        Stretches(int batch) {
            this.batch = batch;
        }

        Session.Slice run(double wanted) {
            try {
                told.put(wanted);
                return done.take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void batchDone(ProgressListener.Progress progress) {
            try {
                if (seconds == 0) {
                    begin();
                    return;
                }
                samples += batch;
                double elapsed = (System.nanoTime() - start) * 1e-9;
                if (elapsed >= seconds) {
                    done.put(new Session.Slice(samples, elapsed, progress.loss()));
                    begin();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void begin() throws InterruptedException {
            seconds = told.take();
            samples = 0;
            start = System.nanoTime();
        }
    }
}
