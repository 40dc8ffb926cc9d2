package org.saddlepoint.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.saddlepoint.format.AtomicFiles;
import org.saddlepoint.format.MalformedFileException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Figures of a training, one JSON object a line and epoch. The file is whole at any time. */
public final class MetricsFile {
    private final Path file;
    private final List<String> lines = new ArrayList<>();
    private double seconds;
    private long samples;

    /**
     * An empty file; it appears with the first line.
     *
     * @param file where
     */
    public MetricsFile(Path file) {
        this.file = file;
    }

    /**
     * Takes over the lines of the first epochs of an interrupted training.
     *
     * @param epochs how many epochs to keep; later lines are forgotten
     * @throws IOException where the file cannot be read or is no such file
     */
    public void keep(int epochs) throws IOException {
        JsonMapper mapper = new JsonMapper();
        for (String line : Files.readAllLines(file)) {
            try {
                JsonNode epoch = mapper.readTree(line);
                if (epoch.path("epoch").asInt(Integer.MAX_VALUE) <= epochs) {
                    count(
                            epoch.path("seconds").asDouble(0),
                            epoch.path("samples").asLong(0));
                    lines.add(line);
                }
            } catch (JacksonException e) {
                throw new MalformedFileException(file + ": line " + (lines.size() + 1) + " is no JSON", e);
            }
        }
    }

    /**
     * Adds an epoch.
     *
     * @param figures by name
     * @param epochSeconds that its training took
     * @param epochSamples trained on
     * @throws IOException where the file cannot be written
     */
    public void add(Map<String, Object> figures, double epochSeconds, long epochSamples) throws IOException {
        count(epochSeconds, epochSamples);
        lines.add(Json.write(figures));
        byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFiles.write(file, out -> out.write(text));
    }

    private void count(double moreSeconds, long moreSamples) {
        seconds += moreSeconds;
        samples += moreSamples;
    }

    /**
     * The time that training took, over all epochs.
     *
     * @return in seconds
     */
    public double seconds() {
        return seconds;
    }

    /**
     * Samples trained on, over all epochs.
     *
     * @return examples, counted once an epoch
     */
    public long samples() {
        return samples;
    }
}
