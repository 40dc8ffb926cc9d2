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
import org.saddlepoint.model.Shape;
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
        Shape input =
                workload.convolutional() ? Shape.of(1, Synthetic.SIDE, Synthetic.SIDE) : Shape.of(Synthetic.FEATURES);
        int[] shape = input.dimensions().stream().mapToInt(Integer::intValue).toArray();
        Dataset dataset = Dataset.ofBytes("synthetic", shape, Synthetic.CLASSES, data.bytes, data.labels)
                .limit(workload.examples());
        Model model = new Model(input, layers(workload));
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
        thread.setUncaughtExceptionHandler((failed, cause) -> {
            cause.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        thread.start();
        return stretches::run;
    }

    private static List<Layer> layers(Workload workload) {
        List<Layer> layers = new ArrayList<>();
        boolean images = workload.convolutional();
        int last = workload.layers().size() - 1;
        for (int i = 0; i <= last; i++) {
            Workload.Layer layer = workload.layers().get(i);
            if (layer.convolution()) {
                layers.add(Layers.conv(layer.in(), layer.out(), Workload.KERNEL, 1, Workload.PADDING));
            } else {
                if (images) {
                    layers.add(Layers.flatten());
                    images = false;
                }
                layers.add(Layers.dense(layer.in(), layer.out()));
            }
            if (i < last) {
                layers.add(Layers.relu());
            }
            if (layer.convolution()) {
                layers.add(Layers.maxPool(Workload.POOL));
            }
        }
        return layers;
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
