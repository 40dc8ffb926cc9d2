package org.saddlepoint.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonTest {
    @Test
    void objectsKeepTheirOrder() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("b", 1);
        object.put("a", List.of(0.5, true));
        object.put("none", null);
        assertThat(Json.write(object)).isEqualTo("{\"b\": 1, \"a\": [0.5, true], \"none\": null}");
        assertThat(Json.write(Map.of())).isEqualTo("{}");
    }

    @Test
    void numbersThatJsonLacksAreNull() {
        assertThat(Json.write(Arrays.asList(Double.NaN, Float.POSITIVE_INFINITY, 1e-9)))
                .isEqualTo("[null, null, 1.0E-9]");
    }

    @Test
    void anyTextSurvives() {
        String text = "\"\\\n\t\r\u0000\u007f\u00e9\u2028\uD83D\uDE00";
        assertThat(Json.write(text)).matches("[\\x20-\\x7e]+");
        assertThat(new JsonMapper().readValue(Json.write(text), String.class)).isEqualTo(text);
    }
}
