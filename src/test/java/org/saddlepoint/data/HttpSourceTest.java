package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.IdxBytes;

class HttpSourceTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path cache;

    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/data/first.gz", exchange -> answer(exchange, IdxBytes.gzip(DatasetFetcherTest.FIRST)));
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void fetches() throws IOException {
        assertThat(failure(exchange -> answer(exchange, IdxBytes.gzip(DatasetFetcherTest.SECOND))))
                .isEmpty();
        assertThat(cache.resolve("tiny/second")).hasBinaryContent(DatasetFetcherTest.SECOND);
    }

    @Test
    void followsARedirection() throws IOException {
        server.createContext("/moved", exchange -> answer(exchange, IdxBytes.gzip(DatasetFetcherTest.SECOND)));
        assertThat(failure(exchange -> {
                    exchange.getResponseHeaders().add("Location", "/moved");
                    exchange.sendResponseHeaders(302, -1);
                    exchange.close();
                }))
                .isEmpty();
    }

    @Test
    void missing() throws IOException {
        assertThat(failure(exchange -> {
                    exchange.sendResponseHeaders(404, -1);
                    exchange.close();
                }))
                .contains("(HTTP status 404 for second.gz); by hand: put second (plain or .gz) into");
        assertThat(cache.resolve("tiny/first")).hasBinaryContent(DatasetFetcherTest.FIRST);
    }

    @Test
    void wrongContent() throws IOException {
        assertThat(failure(exchange -> answer(exchange, IdxBytes.gzip(DatasetFetcherTest.FIRST))))
                .contains("second has SHA-256 ");
        assertThat(failure(exchange ->
                        answer(exchange, "<html>Welcome to our network</html>".getBytes(StandardCharsets.UTF_8))))
                .contains("second is longer than the expected 14 bytes");
    }

    @Test
    void cutShort() throws IOException {
        byte[] whole = IdxBytes.gzip(DatasetFetcherTest.SECOND);
        for (int length = 0; length < whole.length; length += 7) {
            byte[] part = Arrays.copyOf(whole, length);
            // The header promises all of it, then the connection ends.
            String failure = failure(exchange -> {
                exchange.sendResponseHeaders(200, whole.length);
                exchange.getResponseBody().write(part);
                exchange.close();
            });
            assertThat(failure).contains("tried " + address());
        }
    }

    @Test
    void stalls() throws IOException {
        Duration patience = Duration.ofMillis(300);
        String failure = failure(patience, exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[] {0x1f});
            exchange.getResponseBody().flush();
            await();
        });
        assertThat(failure).contains("no answer in time");
        assertThat(failure(patience, exchange -> await())).contains("no answer in time");
    }

    @Test
    void nobodyListens() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        URI base = URI.create("http://127.0.0.1:" + free + "/");
        assertThat(DatasetFetcherTest.failure(new HttpSource(base, "", Duration.ofSeconds(5)), cache))
                .contains(base + " (Connection refused)");
    }

    @Test
    void unknownHost() throws IOException {
        URI base = URI.create("http://no-such-host.invalid/");
        assertThat(DatasetFetcherTest.failure(new HttpSource(base, "", Duration.ofSeconds(5)), cache))
                .contains(base + " (unknown host no-such-host.invalid)");
    }

    /** Fetches both files, the second of which the handler answers for. */
    private String failure(HttpHandler second) throws IOException {
        return failure(Duration.ofSeconds(20), second);
    }

    private String failure(Duration patience, HttpHandler second) throws IOException {
        server.createContext("/data/second.gz", second);
        try {
            return DatasetFetcherTest.failure(new HttpSource(URI.create(address()), ".gz", patience), cache);
        } finally {
            server.removeContext("/data/second.gz");
        }
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/data/";
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
