package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.onnx.Models;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code saddlepoint export}. */
@Command(
        name = "export",
        description = {
            "Writes a model for other programs.",
            "",
            "An ONNX file computes logits of a batch of any size. The tensors of a .safetensors file are named as PyTorch names"
                    + " those of a Sequential: model.load_state_dict(safetensors.torch.load_file(OUT)) takes them."
        },
        abbreviateSynopsis = true,
        sortOptions = false,
        parameterListHeading = "%n",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint export run model.onnx              the model of a run",
            "  saddlepoint export theirs.onnx ours.safetensors"
        })
final class ExportCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "The directory of a run, a .safetensors file of 'saddlepoint train', or an ONNX file.")
    private Path model;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write: .onnx or .safetensors.")
    private Path out;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        String name = out.toString().toLowerCase(Locale.ROOT);
        if (!name.endsWith(".onnx") && !name.endsWith(".safetensors")) {
            throw new UsageException("OUT is '" + out + "': its name must end in .onnx or .safetensors");
        }
        Path file = VictimOptions.file(model);
        RunDirectory.requireWritableFile("OUT", out);
        if (Files.exists(out) && Files.isSameFile(file, out)) {
            throw new UsageException("OUT is '" + out + "', the model itself: choose another name");
        }
        ModelFiles.Contents contents = Models.read(file);
        if (name.endsWith(".onnx")) {
            Models.writeOnnx(contents, out);
        } else {
            ModelFiles.save(contents, out);
        }
        common.result(
                Map.of("model", contents.model().toString(), "file", out.toString()),
                out + ": " + contents.model() + System.lineSeparator());
        return 0;
    }
}
