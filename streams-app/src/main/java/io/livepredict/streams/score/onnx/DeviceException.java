package io.livepredict.streams.score.onnx;

/** The configured device can't be used. One line that says why. */
public final class DeviceException extends Exception {
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }

    public DeviceException(String message) {
        super(message);
    }
}
