package org.saddlepoint.kernels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel uses on an architecture.
 *
 * @param kernel its entry name
 * @param architecture such as 86
 * @param registers of a thread
 * @param staticShared bytes of a block
 * @param maxThreads of a block: its launch bound
 * @param stackBytes of a thread; functions that were not inlined count too
 * @param spillBytes stored and loaded
 */
record KernelUsage(
        String kernel,
        int architecture,
        int registers,
        int staticShared,
        int maxThreads,
        int stackBytes,
        int spillBytes) {
    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)' for 'sm_(\\d+)\\w?'");
    private static final Pattern STACK =
            Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers");
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");
    private static final Pattern BOUND =
            Pattern.compile("\\.entry (\\w+)\\([^)]*\\)\\s*\\.maxntid (\\d+), (\\d+), (\\d+)");

    /**
     * Reads what {@code ptxas -v} said.
     *
     * @param log of all architectures, one after another
     * @param ptx the kernels as PTX, which states their launch bounds; other bytes around it do not matter
     * @return one usage a kernel and architecture, as the log has them
     */
    static List<KernelUsage> parse(String log, String ptx) {
        Map<String, Integer> bounds = new HashMap<>();
        Matcher bound = BOUND.matcher(ptx);
        while (bound.find()) {
            bounds.put(bound.group(1), number(bound, 2) * number(bound, 3) * number(bound, 4));
        }
        List<KernelUsage> usages = new ArrayList<>();
        Matcher entry = ENTRY.matcher(log);
        List<MatchResult> entries = entry.results().toList();
        for (int i = 0; i < entries.size(); i++) {
            MatchResult head = entries.get(i);
            int end = i + 1 < entries.size() ? entries.get(i + 1).start() : log.length();
            usages.add(parseOne(head, log.substring(head.end(), end), bounds));
        }
        return usages;
    }

    private static KernelUsage parseOne(MatchResult head, String body, Map<String, Integer> bounds) {
        String kernel = head.group(1);
        int stack = 0;
        int spills = 0;
        Matcher frame = STACK.matcher(body);
        while (frame.find()) {
            stack += number(frame, 1);
            spills += number(frame, 2) + number(frame, 3);
        }
        List<MatchResult> used = USED.matcher(body).results().toList();
        if (used.size() != 1) {
            throw new IllegalStateException(
                    "the log says " + used.size() + " times how many registers " + kernel + " uses: " + body);
        }
        if (!bounds.containsKey(kernel)) {
            throw new IllegalStateException("the PTX states no launch bound for " + kernel);
        }
        Matcher shared = SHARED.matcher(body);
        return new KernelUsage(
                kernel,
                number(head, 2),
                number(used.getFirst(), 1),
                shared.find() ? number(shared, 1) : 0,
                bounds.get(kernel),
                stack,
                spills);
    }

    private static int number(MatchResult match, int group) {
        return Integer.parseInt(match.group(group));
    }
}
