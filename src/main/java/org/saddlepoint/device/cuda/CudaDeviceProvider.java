package org.saddlepoint.device.cuda;

import java.util.List;
import java.util.Optional;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.DeviceProvider;

/** Registers the CUDA devices. Nothing of CUDA is loaded before the first question. */
public final class CudaDeviceProvider implements DeviceProvider {
    /** Called by the service loader. */
    public CudaDeviceProvider() {}

    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public List<String> available() {
        return CudaPlatform.here().devices().stream()
                .map(CudaHardware::deviceName)
                .toList();
    }

    @Override
    public Optional<String> absence() {
        return Optional.ofNullable(CudaPlatform.here().absence());
    }

    /** By name alone: an emulated device, which is for tests, and one whose driver may not take the kernels. */
    @Override
    public boolean automatic(String name) {
        CudaHardware hardware = find(name);
        return !hardware.emulated() && hardware.takesKernelsOf(KernelModule.compiler());
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Device open(String name, DeviceOptions options) {
        return new CudaDevice(find(name), options, CudaSwitches.chosen());
    }

    private static CudaHardware find(String name) {
        return CudaPlatform.here().devices().stream()
                .filter(hardware -> hardware.deviceName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no device '" + name + "'"));
    }
}
