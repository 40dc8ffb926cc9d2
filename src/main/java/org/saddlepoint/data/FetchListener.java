package org.saddlepoint.data;

/** Is told how a fetch goes; the command line draws a bar of it. Called from the fetching thread. */
public interface FetchListener {
    /** Does nothing. */
    FetchListener NONE = (source, file, done, total) -> {};

    /**
     * A file has come this far. The first call, with 0, precedes any wait for the source.
     *
     * @param source a directory, an address, a package
     * @param file the file's standard name
     * @param done bytes so far, as unpacked
     * @param total bytes of the whole file; equal to {@code done} in the last call
     */
    void progressed(String source, String file, long done, long total);

    /**
     * A source did not answer, or not with the right content; the next one is tried.
     *
     * @param source a directory, an address, a package
     * @param reason in a few words
     */
    default void failed(String source, String reason) {}
}
