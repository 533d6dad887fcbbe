package io.livepredict.deploy.training;

import io.livepredict.model.SigningKey;
import io.livepredict.trainer.learner.KindTrainer;
import java.nio.file.Path;

/** A trainer in a process of its own, to be killed: BOOTSTRAP NAMESPACE PARTITIONS PRIVATE_KEY REPRODUCIBLE. */
final class TrainerChild {
    private TrainerChild() {}

    public static void main(String[] arguments) throws Exception {
        TrainingGround ground = new TrainingGround(
                arguments[0], arguments[1], Integer.parseInt(arguments[2]), SigningKey.read(Path.of(arguments[3])));
        KindTrainer trainer = ground.trainer(Boolean.parseBoolean(arguments[4]), published -> {});
        trainer.start();
        // Ends with its parent: the pipe closes.
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (java.io.IOException e) {
                // The parent is gone.
            }
            trainer.close();
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
        trainer.finished().get();
    }
}
