package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a view: the batch, or values of an example. Its index runs over {@code parts} as over the digits of a number;
 * each part moves so many places in the order of the network.
 */
record Axis(boolean batch, List<Part> parts) {
    /** One digit: how many values it takes, and how far one step of it goes. */
    record Part(long size, long stride) {}

    static final Axis BATCH = new Axis(true, List.of());

    /** Merges what moves as one, so that equal axes have equal parts. */
    Axis {
        parts = merged(parts);
    }

    static Axis of(long size, long stride) {
        return new Axis(false, List.of(new Part(size, stride)));
    }

    static Axis one() {
        return new Axis(false, List.of());
    }

    static List<Part> merged(List<Part> parts) {
        List<Part> all = new ArrayList<>();
        for (Part part : parts) {
            if (part.size() == 1) {
                continue;
            }
            Part last = all.isEmpty() ? null : all.getLast();
            if (last != null && last.stride() == part.size() * part.stride()) {
                all.set(all.size() - 1, new Part(last.size() * part.size(), part.stride()));
            } else {
                all.add(part);
            }
        }
        return List.copyOf(all);
    }

    /** The number of values; 1 for the batch, which does not count. */
    long size() {
        return parts.stream().mapToLong(Part::size).reduce(1, (a, b) -> a * b);
    }

    /** Where each value of this axis lies: size() places. */
    int[] places() {
        int[] places = new int[Math.toIntExact(size())];
        for (int i = 0; i < places.length; i++) {
            long rest = i;
            long place = 0;
            for (int p = parts.size() - 1; p >= 0; p--) {
                Part part = parts.get(p);
                place += rest % part.size() * part.stride();
                rest /= part.size();
            }
            places[i] = Math.toIntExact(place);
        }
        return places;
    }
}
