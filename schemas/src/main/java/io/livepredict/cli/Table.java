package io.livepredict.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of words and figures, as Markdown and as columns for a console. The first column is of words and stands at the left,
 * all others at the right. Not safe for use from several threads.
 */
public final class Table {
    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... head) {
        this(List.of(head));
    }

    public Table(List<String> head) {
        this.head = List.copyOf(head);
    }

    /** Adds a row. */
    public Table row(String... cells) {
        return row(List.of(cells));
    }

    /**
     * Adds a row.
     *
     * @throws IllegalArgumentException if it has not as many cells as the head
     */
    public Table row(List<String> cells) {
        if (cells.size() != head.size()) {
            throw new IllegalArgumentException("a row of " + cells.size() + " cells under a head of " + head.size());
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** GitHub's Markdown, with a line break at the end. */
    public String markdown() {
        StringBuilder out = new StringBuilder();
        markdown(out, head);
        out.append("| --- |").append(" --: |".repeat(head.size() - 1)).append('\n');
        rows.forEach(row -> markdown(out, row));
        return out.toString();
    }

    private static void markdown(StringBuilder out, List<String> cells) {
        cells.forEach(cell -> out.append("| ").append(cell).append(' '));
        out.append("|\n");
    }

    /** Columns as wide as what is in them, with a line break at the end. */
    public String console() {
        int[] widths = new int[head.size()];
        width(widths, head);
        rows.forEach(row -> width(widths, row));
        StringBuilder out = new StringBuilder();
        console(out, head, widths);
        rows.forEach(row -> console(out, row, widths));
        return out.toString();
    }

    private static void width(int[] widths, List<String> cells) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
    }

    private static void console(StringBuilder out, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            out.append(i == 0 ? cells.get(i) + padding : "  " + padding + cells.get(i));
        }
        out.append('\n');
    }
}
