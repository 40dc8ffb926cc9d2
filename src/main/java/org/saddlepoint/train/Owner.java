package org.saddlepoint.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Closes what it was given, the last first; all of it, even where closing one of them fails. */
final class Owner implements AutoCloseable {
    private final Deque<Runnable> closing = new ArrayDeque<>();

    <T> T own(T resource, Consumer<? super T> close) {
        closing.push(() -> close.accept(resource));
        return resource;
    }

    @Override
    public void close() {
        RuntimeException first = null;
        while (!closing.isEmpty()) {
            try {
                closing.pop().run();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
