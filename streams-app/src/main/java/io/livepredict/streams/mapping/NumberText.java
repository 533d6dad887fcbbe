package io.livepredict.streams.mapping;

import java.util.Currency;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads numbers as people and programs write them: with a currency sign, with a comma for the decimal point. Immutable. */
final class NumberText {
    /** The decimal sign is a point, and nothing separates thousands. */
    static final NumberText PLAIN = new NumberText(null);

    private static final Set<String> CURRENCIES = Currency.getAvailableCurrencies().stream()
            .map(Currency::getCurrencyCode)
            .collect(Collectors.toUnmodifiableSet());
    private static final Pattern POINT = Pattern.compile("[+-]?\\d{1,3}(?:[,'’ ]\\d{3})+(?:\\.\\d*)?");
    private static final Pattern COMMA = Pattern.compile("[+-]?\\d{1,3}(?:[.'’ ]\\d{3})+(?:,\\d*)?");
    private static final int LONGEST = 100;

    private final @Nullable String decimal;

    /** @param decimal the decimal sign, a point or a comma, beside which thousands may be separated; null for a point alone */
    NumberText(@Nullable String decimal) {
        this.decimal = decimal;
    }

    /** The number; null if the text is none, or none that is finite. */
    @Nullable
    Double read(String text) {
        String stripped = text.strip();
        if (stripped.isEmpty() || stripped.length() > LONGEST) {
            return null;
        }
        String plain = decimal == null ? stripped : normal(stripped);
        Double number = plain == null ? null : parse(plain);
        if (number == null) {
            String amount = withoutCurrency(stripped);
            plain = amount == null ? null : normal(amount);
            number = plain == null ? null : parse(plain);
        }
        return number;
    }

    private static @Nullable Double parse(String text) {
        // What Double takes besides: 1d and 0x1p3 are no numbers of a log.
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E')) {
                return null;
            }
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** With a point as the decimal sign and without separators of thousands; null if they are not where they belong. */
    private @Nullable String normal(String text) {
        String spaced = text.replace('\u00A0', ' ').replace('\u202F', ' ');
        if (decimal == null) {
            return spaced;
        }
        boolean comma = decimal.equals(",");
        if ((comma ? COMMA : POINT).matcher(spaced).matches()) {
            spaced = spaced.replaceAll(comma ? "[.'’ ]" : "[,'’ ]", "");
        }
        return comma ? spaced.indexOf('.') >= 0 ? null : spaced.replace(',', '.') : spaced;
    }

    /** The number of an amount such as {@code €5.00}, {@code CA$5}, {@code 5,00 EUR}; null if it names no currency. */
    private static @Nullable String withoutCurrency(String text) {
        String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
        String rest = text.substring(sign.length());
        int begin = 0;
        while (begin < rest.length() && !isNumberPart(rest.charAt(begin))) {
            begin++;
        }
        int end = rest.length();
        while (end > begin && !Character.isDigit(rest.charAt(end - 1))) {
            end--;
        }
        String before = rest.substring(0, begin).strip();
        String after = rest.substring(end).strip();
        boolean one = before.isEmpty() != after.isEmpty();
        return one && isCurrency(before + after)
                ? sign + rest.substring(begin, end).strip()
                : null;
    }

    private static boolean isNumberPart(char c) {
        return Character.isDigit(c) || c == '-' || c == '+';
    }

    private static boolean isCurrency(String text) {
        return CURRENCIES.contains(text)
                || text.length() <= 4
                        && text.chars().anyMatch(c -> Character.getType(c) == Character.CURRENCY_SYMBOL)
                        && text.chars()
                                .allMatch(c ->
                                        Character.getType(c) == Character.CURRENCY_SYMBOL || Character.isLetter(c));
    }
}
