package io.livepredict.trainer.family;

/** Names of the training graph's inputs and of the tensors of a saved state. Outputs have {@link #AFTER} behind. */
final class Names {
    static final String LABELS = "labels";
    static final String MASK = "mask";
    static final String LOSS = "loss";
    static final String AVERAGE_LOSS = "loss/average";
    static final String PARAMETERS = "parameters";
    static final String POSITIONS = "positions";
    static final String MEAN = "normaliser/mean";
    static final String VARIANCE = "normaliser/variance";
    static final String WEIGHT = "normaliser/weight";
    static final String LABEL_OFFSET = "labels/offset";
    static final String LABEL_DEVIATION = "labels/deviation";
    static final String LABEL_MEAN = "labels/mean";
    static final String LABEL_VARIANCE = "labels/variance";
    static final String LABEL_WEIGHT = "labels/weight";
    static final String ONES = "ones";
    static final String STEPS = "steps";
    static final String AVERAGED_FROM = "averaged-from";
    static final String AVERAGE_GAIN = "average-gain";
    static final String AFTER = "/after";

    private Names() {}

    static String parameter(String name) {
        return "parameter/" + name;
    }

    /** The running average of a parameter. */
    static String average(String parameter) {
        return "average/" + parameter;
    }

    static String slot(String slot, String of) {
        return "slot/" + slot + "/" + of;
    }

    static String table(String name) {
        return "table/" + name;
    }

    static String scalar(String group, int index) {
        return "scalar/" + group + "/" + index;
    }
}
