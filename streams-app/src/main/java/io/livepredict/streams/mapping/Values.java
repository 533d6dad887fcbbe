package io.livepredict.streams.mapping;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the value of a column in nested values: maps, lists, and records that only their reader knows. */
public final class Values {
    private Values() {}

    /** Reads one member of a record of a reader's own. */
    @FunctionalInterface
    public interface Members {
        /** That member's value; null if there is none, or {@code record} is none that has members. */
        @Nullable
        Object of(Object record, String name);
    }

    /** Nothing but maps has members. */
    public static final Members NO_RECORDS = (record, name) -> null;

    /**
     * A value that can't be used; refused where a mapping needs it.
     *
     * @param why for a person, without anything that the record holds
     * @param value what of the record is to blame; null where there is none to show
     */
    public record Unfit(String why, @Nullable String value) {
        public Unfit(String why) {
            this(why, null);
        }
    }

    /** The value of a column below {@code root}; null if there is none. A name with dots of its own comes before a path. */
    public static @Nullable Object find(@Nullable Object root, Column column, Members members) {
        if (root == null) {
            return null;
        }
        if (column.parts().size() > 1) {
            Object named = member(root, column.path(), members);
            if (named != null) {
                return named;
            }
        }
        return walk(root, column, 0, members);
    }

    private static @Nullable Object walk(@Nullable Object from, Column column, int part, Members members) {
        Object value = from;
        for (int i = part; i < column.parts().size() && value != null; i++) {
            String name = column.parts().get(i);
            if (value instanceof Unfit) {
                return value;
            }
            if (value instanceof List<?> list) {
                if (name.equals(Column.EVERY) && column.fold() != null) {
                    return fold(column.fold(), list, column, i + 1, members);
                }
                int index = position(name);
                if (index < 0) {
                    return new Unfit("leads through a list at '" + name + "': say which element, such as "
                            + with(column, i, "0.") + ", or what to make of all, such as last(" + with(column, i, "*.")
                            + ")");
                }
                value = index < list.size() ? list.get(index) : null;
            } else {
                Object inside = member(value, name, members);
                for (int last = i + 1; inside == null && last < column.parts().size(); last++) {
                    // A name with dots of its own, as exports of search engines have them within an object.
                    name = name + '.' + column.parts().get(last);
                    inside = member(value, name, members);
                    i = inside == null ? i : last;
                }
                value = inside;
            }
        }
        return value;
    }

    private static String with(Column column, int at, String inserted) {
        List<String> parts = column.parts();
        String before = String.join(".", parts.subList(0, at));
        return before + (at == 0 ? "" : ".") + inserted + String.join(".", parts.subList(at, parts.size()));
    }

    private static @Nullable Object member(Object value, String name, Members members) {
        return value instanceof Map<?, ?> map ? map.get(name) : members.of(value, name);
    }

    private static int position(String name) {
        int position = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9' || i == 6) {
                return -1;
            }
            position = position * 10 + (c - '0');
        }
        return name.isEmpty() ? -1 : position;
    }

    private static @Nullable Object fold(Column.Fold fold, List<?> list, Column column, int part, Members members) {
        double sum = 0;
        int count = 0;
        Object last = null;
        for (Object element : list) {
            Object value = walk(element, column, part, members);
            if (value == null) {
                continue;
            }
            count++;
            last = value;
            if (fold == Column.Fold.SUM || fold == Column.Fold.MEAN) {
                Double number = value instanceof Number n
                        ? Double.valueOf(n.doubleValue())
                        : value instanceof CharSequence text ? NumberText.PLAIN.read(text.toString()) : null;
                if (number == null) {
                    return new Unfit("has an element that is not a number", value.toString());
                }
                sum += number;
            }
        }
        return switch (fold) {
            case COUNT -> count;
            case LAST -> last;
            case SUM -> sum;
            case MEAN -> count == 0 ? null : sum / count;
        };
    }
}
