package org.saddlepoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;

/**
 * A directory on a web server. HttpURLConnection, because its time-out holds for every read: HttpClient's ends with the
 * header, and a body that stalls would hold us for ever.
 *
 * @param base ends with a slash
 * @param suffix what the server's names have after the standard ones
 * @param patience for the connection, and for each read
 */
record HttpSource(URI base, String suffix, Duration patience) implements FetchSource {
    @Override
    public String name() {
        return base.toString();
    }

    @Override
    public InputStream open(String file) throws IOException {
        URI address = base.resolve(file + suffix);
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout((int) patience.toMillis());
        connection.setReadTimeout((int) patience.toMillis());
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            int status = connection.getResponseCode();
            connection.disconnect();
            throw new SourceException("HTTP status " + status + " for " + file + suffix);
        }
        return connection.getInputStream();
    }
}
