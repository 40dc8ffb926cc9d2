package org.saddlepoint.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** A place that may have the files of a data set. Every failure to answer is an IOException with a short reason. */
interface FetchSource extends Closeable {
    /** How messages call it: a directory, an address, a package. */
    String name();

    /** Opens a file by its standard name; the content may be gzipped. The caller closes it. */
    InputStream open(String file) throws IOException;

    @Override
    default void close() throws IOException {}
}
