package org.saddlepoint;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Knowledge points downward only; the package documentation of org.saddlepoint draws the picture. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.saddlepoint");

    @Test
    void everyPackageKnowsOnlyWhatLiesBelowIt() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("org.saddlepoint..")
                .withOptionalLayers(true)
                .layer("cli")
                .definedBy("org.saddlepoint.cli..")
                .layer("report")
                .definedBy("org.saddlepoint.report..")
                .layer("train")
                .definedBy("org.saddlepoint.train..")
                .layer("bench")
                .definedBy("org.saddlepoint.bench..")
                .layer("evaluate")
                .definedBy("org.saddlepoint.evaluate..")
                .layer("oracle")
                .definedBy("org.saddlepoint.oracle..")
                .layer("attack")
                .definedBy("org.saddlepoint.attack..")
                .layer("model")
                .definedBy("org.saddlepoint.model..")
                .layer("loss")
                .definedBy("org.saddlepoint.loss..")
                .layer("data")
                .definedBy("org.saddlepoint.data..")
                .layer("format")
                .definedBy("org.saddlepoint.format..")
                .layer("device")
                .definedBy("org.saddlepoint.device")
                .layer("cpu")
                .definedBy("org.saddlepoint.device.cpu..")
                .layer("cuda")
                .definedBy("org.saddlepoint.device.cuda..")
                .layer("threat")
                .definedBy("org.saddlepoint.threat..")
                .whereLayer("cli")
                .mayOnlyAccessLayers(
                        "report",
                        "bench",
                        "train",
                        "evaluate",
                        "attack",
                        "oracle",
                        "model",
                        "loss",
                        "data",
                        "format",
                        "device",
                        "threat")
                .whereLayer("report")
                .mayOnlyAccessLayers(
                        "train", "evaluate", "attack", "model", "loss", "data", "format", "device", "threat")
                .whereLayer("bench")
                .mayOnlyAccessLayers("train", "attack", "model", "data", "device")
                .whereLayer("train")
                .mayOnlyAccessLayers("attack", "model", "loss", "data", "format", "device", "threat")
                .whereLayer("evaluate")
                .mayOnlyAccessLayers("attack", "model", "loss", "data", "format", "device", "threat")
                .whereLayer("oracle")
                .mayOnlyAccessLayers("model", "format", "device")
                .whereLayer("attack")
                .mayOnlyAccessLayers("model", "loss", "device", "threat")
                .whereLayer("model")
                .mayOnlyAccessLayers("loss", "format", "device", "threat")
                .whereLayer("loss")
                .mayOnlyAccessLayers("device")
                .whereLayer("data")
                .mayOnlyAccessLayers("format")
                .whereLayer("format")
                .mayNotAccessAnyLayer()
                .whereLayer("device")
                .mayOnlyAccessLayers("threat")
                .whereLayer("cpu")
                .mayOnlyAccessLayers("device", "threat")
                .whereLayer("cuda")
                .mayOnlyAccessLayers("device", "threat")
                .whereLayer("threat")
                .mayNotAccessAnyLayer()
                .check(CLASSES);
    }

    @Test
    void noPackageDependsOnItself() {
        slices().matching("org.saddlepoint.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingKnowsAKindOfDeviceButThatKind() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.saddlepoint.device.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.saddlepoint.device.*..")
                .check(CLASSES);
    }

    @Test
    void foreignMemoryStaysInTheCpuDevice() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.saddlepoint.device.cpu..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void jcudaStaysInTheCudaDevice() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.saddlepoint.device.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jcuda..")
                .check(CLASSES);
    }

    @Test
    void protobufStaysInTheOnnxFormat() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.saddlepoint.format.onnx..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.onnx..", "com.google.protobuf..")
                .check(CLASSES);
    }

    @Test
    void onnxRuntimeStaysInOneClass() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.saddlepoint.oracle.OnnxRuntimeSession")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .check(CLASSES);
    }

    @Test
    void theTerminalStaysInTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.saddlepoint.cli..", "org.saddlepoint.report..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei.progressbar..")
                .check(CLASSES);
    }

    @Test
    void jsonStaysAwayFromTheMathematics() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.saddlepoint.device..",
                        "org.saddlepoint.threat..",
                        "org.saddlepoint.loss..",
                        "org.saddlepoint.attack..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson..")
                .check(CLASSES);
    }
}
