package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** A table of settings, each of the type that is asked for; what nobody asked for is refused at the end. */
final class Table {
    private final String name;
    private final JsonNode node;
    private final Set<String> taken = new TreeSet<>();

    Table(String name, JsonNode node) {
        this.name = name;
        this.node = node;
        if (!node.isObject()) {
            throw new IllegalArgumentException(name + " is not a table of settings, as in { type = \"relu\" }");
        }
    }

    /** For messages. */
    String name() {
        return name;
    }

    boolean has(String key) {
        taken.add(key);
        return node.has(key);
    }

    JsonNode required(String key) {
        if (!has(key)) {
            throw new IllegalArgumentException(name + " has no '" + key + "'");
        }
        return node.get(key);
    }

    boolean isText(String key) {
        return has(key) && node.get(key).isString();
    }

    String text(String key) {
        JsonNode value = required(key);
        if (!value.isString()) {
            throw wrong(key, value, "a text");
        }
        return value.asString();
    }

    boolean truth(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (!node.get(key).isBoolean()) {
            throw wrong(key, node.get(key), "true or false");
        }
        return node.get(key).asBoolean();
    }

    int integer(String key) {
        return integer(key, required(key));
    }

    int integer(String key, int otherwise) {
        return has(key) ? integer(key, node.get(key)) : otherwise;
    }

    private int integer(String key, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(key, value, "a whole number");
        }
        return value.asInt();
    }

    float number(String key, float otherwise) {
        return has(key) ? number(key, node.get(key)) : otherwise;
    }

    private float number(String key, JsonNode value) {
        if (!value.isNumber()) {
            throw wrong(key, value, "a number");
        }
        return value.floatValue();
    }

    /** How many values a list has; 1 for a value that is no list. */
    int count(String key) {
        JsonNode value = required(key);
        return value.isArray() ? value.size() : 1;
    }

    List<Integer> integers(String key) {
        List<Integer> all = new ArrayList<>();
        for (JsonNode item : list(key)) {
            all.add(integer(key, item));
        }
        return all;
    }

    /** One number, or one a channel. */
    List<Float> numbers(String key) {
        List<Float> all = new ArrayList<>();
        for (JsonNode item : list(key)) {
            all.add(number(key, item));
        }
        return all;
    }

    private List<JsonNode> list(String key) {
        JsonNode value = required(key);
        return value.isArray() ? value.valueStream().toList() : List.of(value);
    }

    /** {@link #pair(String)}, or a number for both. */
    List<Integer> pair(String key, int otherwise) {
        return has(key) ? pair(key) : List.of(otherwise, otherwise);
    }

    /** Of rows and of columns: one number for both, or two. */
    List<Integer> pair(String key) {
        List<Integer> all = integers(key);
        if (all.isEmpty() || all.size() > 2) {
            throw wrong(key, node.get(key), "one number, or one for rows and one for columns");
        }
        return all.size() == 2 ? all : List.of(all.getFirst(), all.getFirst());
    }

    void requireAllTaken() {
        for (String key : node.propertyNames()) {
            if (!taken.contains(key)) {
                throw new IllegalArgumentException(
                        name + ": unknown setting '" + key + "': it has " + String.join(", ", taken));
            }
        }
    }

    private IllegalArgumentException wrong(String key, JsonNode value, String right) {
        String shown = value.toString();
        return new IllegalArgumentException(name + ": " + key + " is "
                + (shown.length() > 60 ? shown.substring(0, 60) + "..." : shown) + ": it must be " + right);
    }
}
