package io.livepredict.streams.activity;

import io.livepredict.contract.KindDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Where the parts of a value written under one definition belong under another: what has the same name and parameters is
 * kept, the rest is left behind.
 */
final class LayoutMapping {
    /** By old type: the new one, -1 for none. */
    final int[] types;
    /** By old number: the new one, -1 for none. */
    final int[] numbers;
    /** By old summed number: the new one, -1 for none. */
    final int[] summed;
    /** By new window: the old one with the same panes, -1 for none. */
    final int[] windows;
    /** By new half-life: the old one, -1 for none. */
    final int[] halfLives;
    /** By new attribute: the old one with as many buckets, -1 for none. */
    final int[] attributes;

    LayoutMapping(ActivityLayout from, ActivityLayout to) {
        types = places(from.types, to.types);
        numbers = places(from.numbers, to.numbers);
        summed = new int[from.summedCount];
        Arrays.fill(summed, -1);
        for (int n = 0; n < numbers.length; n++) {
            if (from.summed[n] >= 0 && numbers[n] >= 0) {
                summed[from.summed[n]] = to.summed[numbers[n]];
            }
        }
        windows = places(to.windowMillis, from.windowMillis);
        for (int w = 0; w < windows.length; w++) {
            if (windows[w] >= 0 && from.paneMillis[windows[w]] != to.paneMillis[w]) {
                windows[w] = -1;
            }
        }
        halfLives = places(to.halfLifeMillis, from.halfLifeMillis);
        attributes = places(to.attributes, from.attributes);
        KindDefinition before = from.definition;
        for (int i = 0; i < attributes.length; i++) {
            String name = to.attributes.get(i);
            if (!Objects.equals(
                    to.definition.attributes().get(name), before.attributes().get(name))) {
                attributes[i] = -1;
            }
        }
    }

    private static int[] places(List<String> of, List<String> in) {
        return of.stream().mapToInt(in::indexOf).toArray();
    }

    private static int[] places(long[] of, long[] in) {
        int[] places = new int[of.length];
        for (int i = 0; i < of.length; i++) {
            places[i] = -1;
            for (int j = 0; j < in.length; j++) {
                places[i] = in[j] == of[i] ? j : places[i];
            }
        }
        return places;
    }
}
