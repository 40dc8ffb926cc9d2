package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.EditDistance;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * A configuration file: TOML, one key an option, named as the option is without its dashes ({@code batch-size = 64}). Its
 * values are the options' defaults, so what stands on the command line wins.
 */
final class Config implements IDefaultValueProvider {
    /** Options about one invocation alone: no configuration has them. */
    private static final Set<String> NOT_CONFIGURED = Set.of("help", "version", "config", "resume", "debug");

    private final Path file;
    private final Map<String, String> values;

    private Config(Path file, Map<String, String> values) {
        this.file = file;
        this.values = values;
    }

    /** The command that arguments name, as far as they name one. */
    static CommandLine commandOf(CommandLine program, String[] arguments) {
        CommandLine command = program;
        for (String argument : arguments) {
            CommandLine next = command.getSubcommands().get(argument);
            if (next == null) {
                break;
            }
            command = next;
        }
        return command;
    }

    /** The configuration file that arguments name: by --config, or that of the run that --resume names. */
    static Optional<Path> fileOf(String[] arguments) {
        Optional<String> config = valueOf("--config", arguments);
        Optional<String> resume = valueOf("--resume", arguments);
        if (config.isPresent() && resume.isPresent()) {
            throw new UsageException("--config and --resume exclude one another: the settings of --resume "
                    + resume.get() + " are in its config.toml");
        }
        if (resume.isPresent() && !Files.isDirectory(Path.of(resume.get()))) {
            throw new UsageException("--resume is '" + resume.get() + "': it must be the directory of a run");
        }
        return config.map(Path::of)
                .or(() -> resume.map(
                        directory -> RunDirectory.at(Path.of(directory)).config()));
    }

    private static Optional<String> valueOf(String option, String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith(option + "=")) {
                return Optional.of(arguments[i].substring(option.length() + 1));
            }
            if (arguments[i].equals(option) && i + 1 < arguments.length) {
                return Optional.of(arguments[i + 1]);
            }
        }
        return Optional.empty();
    }

    static Config read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try {
            JsonNode root = new TomlMapper().readTree(Files.readString(file));
            root.properties().forEach(entry -> values.put(entry.getKey(), text(file, entry)));
        } catch (JacksonException e) {
            String where =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            throw new UsageException(file + where + ": not TOML: " + e.getOriginalMessage(), e);
        }
        return new Config(file, values);
    }

    private static String text(Path file, Map.Entry<String, JsonNode> entry) {
        JsonNode value = entry.getValue();
        if (value.isArray()) {
            return value.valueStream()
                    .map(item -> scalar(file, entry.getKey(), item))
                    .collect(Collectors.joining(","));
        }
        return scalar(file, entry.getKey(), value);
    }

    private static String scalar(Path file, String key, JsonNode value) {
        if (!value.isValueNode()) {
            throw new UsageException(file + ": " + key + " is a table or a list of lists: give one value, as in"
                    + " batch-size = 32, or a list of values");
        }
        return value.asString();
    }

    /** Refuses keys that are no option of a command. */
    void requireKnown(CommandSpec command) {
        Set<String> known = new TreeSet<>();
        for (OptionSpec option : command.options()) {
            known.add(key(option));
        }
        known.removeAll(NOT_CONFIGURED);
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new UsageException(file + ": unknown key '" + key + "'" + EditDistance.suggestion(key, known)
                        + ": 'saddlepoint " + command.name() + "' has the options " + String.join(", ", known));
            }
        }
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option ? values.get(key(option)) : null;
    }

    private static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /**
     * The options of a command with the values that they have now, as a configuration file.
     *
     * @param omitted keys to leave out
     * @param replaced values to write instead
     */
    static String write(CommandSpec command, Set<String> omitted, Map<String, ?> replaced) {
        StringBuilder toml = new StringBuilder();
        for (OptionSpec option : command.options()) {
            String key = key(option);
            Object value = replaced.containsKey(key) ? replaced.get(key) : option.getValue();
            if (value != null && !omitted.contains(key) && !NOT_CONFIGURED.contains(key)) {
                toml.append(key).append(" = ").append(toml(value)).append('\n');
            }
        }
        return toml.toString();
    }

    private static String toml(Object value) {
        return switch (value) {
            case Boolean truth -> truth.toString();
            case Number number -> number.toString();
            case Enum<?> constant -> quoted(ChoiceConverter.label(constant));
            case List<?> items -> items.stream().map(Config::toml).collect(Collectors.joining(", ", "[", "]"));
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (Character.isISOControl(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
