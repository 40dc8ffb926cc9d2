package org.saddlepoint.device.cuda;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import jcuda.JCudaVersion;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;

/**
 * A CUDA device. Several may be open on one GPU: each has a context of its own. Closing it waits for calls under way in
 * other threads; whatever is called afterwards says that it is closed.
 */
final class CudaDevice implements Device {
    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final KernelModule module;
    private final FmaPeak fmaPeak;
    private final @Nullable CublasProducts cublas;
    private final @Nullable CudnnConvolutions cudnn;
    private final CudaOperations operations;

    CudaDevice(CudaHardware hardware, DeviceOptions options, CudaSwitches switches) {
        String provider = options.provider();
        if (!Set.of(DeviceOptions.OWN, CublasProducts.NAME, CudnnConvolutions.NAME)
                .contains(provider)) {
            throw new IllegalArgumentException("a CUDA device has no provider '" + provider + "': choose "
                    + DeviceOptions.OWN + ", " + CublasProducts.NAME + " or " + CudnnConvolutions.NAME);
        }
        driver = new CudaDriver(hardware, switches);
        try {
            transfers = new CudaTransfers(driver);
            module = new KernelModule(driver, Objects.requireNonNull(KernelModule.image()));
            Scratch scratch = new Scratch(new CudaArena(driver, transfers));
            Workspace workspace = new Workspace(new CudaArena(driver, transfers));
            fmaPeak = new FmaPeak(driver, transfers, module);
            Launchers launchers = new Launchers(driver, module, scratch, workspace);
            cublas = provider.equals(CublasProducts.NAME)
                    ? new CublasProducts(driver, new CudaArena(driver, transfers), launchers)
                    : null;
            cudnn = provider.equals(CudnnConvolutions.NAME)
                    ? new CudnnConvolutions(driver, new CudaArena(driver, transfers), launchers)
                    : null;
            operations = new CudaOperations(driver, transfers, launchers, cublas, cudnn);
        } catch (RuntimeException e) {
            driver.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return driver.hardware().deviceName();
    }

    @Override
    public String hardware() {
        return driver.hardware().name();
    }

    @Override
    public int threads() {
        return 1; // the caller's: the GPU does the rest
    }

    @Override
    public Map<String, String> properties() {
        CudaHardware hardware = driver.hardware();
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("kind", "cuda");
        properties.put("level", hardware.architecture());
        properties.put("driver", "CUDA " + CudaHardware.version(hardware.driverVersion()));
        properties.put("jcuda", JCudaVersion.get());
        if (cublas != null) {
            properties.put("provider", CublasProducts.NAME + " " + cublas.version());
        } else if (cudnn != null) {
            properties.put("provider", CudnnConvolutions.NAME + " " + cudnn.version());
        } else {
            properties.put("provider", DeviceOptions.OWN);
        }
        if (cublas != null || cudnn != null) {
            properties.put("repeatable", "at one batch size alone");
        }
        properties.put("precisions", "float32, tf32, bf16");
        properties.put(
                "memory", String.format(Locale.ROOT, "%.1f GiB", hardware.memory() / (1024.0 * 1024.0 * 1024.0)));
        properties.put("multiprocessors", String.valueOf(hardware.multiprocessors()));
        return properties;
    }

    @Override
    public Set<Precision> attackPrecisions() {
        return Set.of(Precision.values());
    }

    @Override
    public double measurePeakFlops() {
        try (CudaArena arena = new CudaArena(driver, transfers)) {
            return fmaPeak.measure(arena);
        }
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public BufferArena arena() {
        return new CudaArena(driver, transfers);
    }

    @Override
    public OptionalLong freeMemory() {
        return OptionalLong.of(driver.call(driver::freeMemory));
    }

    @Override
    public Map<String, Long> counters() {
        return driver.counters().named();
    }

    CudaDriver driver() {
        return driver;
    }

    @Override
    public void close() {
        Lock turn = transfers.turn();
        turn.lock();
        try {
            driver.close(() -> {
                if (cublas != null) {
                    cublas.release();
                }
                if (cudnn != null) {
                    cudnn.release();
                }
                transfers.release();
                module.release();
            });
        } finally {
            turn.unlock();
        }
    }
}
