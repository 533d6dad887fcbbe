package io.livepredict.deploy.simulator;

import io.livepredict.contract.Kind;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** How a kind's behaviour is worded as events: names, lost and late types, amounts, ids. */
sealed interface Language {
    static Language of(Kind kind) {
        return switch (kind) {
            case VIEWER -> new OfViewers();
            case PLAYER -> new OfPlayers();
        };
    }

    List<String> types();

    List<String> devices();

    int arrivalType();

    /** The type with which an entity goes, unless it goes without a word. */
    int departureType();

    /** The type that may be sent again and late, after newer events of the same entity. No snapshot is taken at it. */
    int lateType();

    /** By type: the probability that an event of that type never reaches the topic. */
    double[] lost();

    String entityPrefix();

    /** Id of the context: the room, or the match that is played there. */
    String context(int place, int match);

    Map<String, Double> numbers(int type, int state, RandomGenerator random);

    /** Up to a factor: how likely those numbers are in that state. */
    double density(int state, Map<String, Double> numbers);

    /** Viewers. */
    record OfViewers() implements Language {
        @Override
        public List<String> types() {
            return ViewerBehaviour.TYPES;
        }

        @Override
        public List<String> devices() {
            return ViewerBehaviour.DEVICES;
        }

        @Override
        public int arrivalType() {
            return ViewerBehaviour.JOIN;
        }

        @Override
        public int departureType() {
            return ViewerBehaviour.LEAVE;
        }

        @Override
        public int lateType() {
            return ViewerBehaviour.LIKE;
        }

        @Override
        public double[] lost() {
            return lossOf(types(), ViewerBehaviour.JOIN, ViewerBehaviour.LEAVE);
        }

        @Override
        public String entityPrefix() {
            return "viewer-";
        }

        @Override
        public String context(int place, int match) {
            return "room-" + (place + 1);
        }

        @Override
        public Map<String, Double> numbers(int type, int state, RandomGenerator random) {
            return switch (type) {
                case ViewerBehaviour.GIFT -> Map.of("gift_value", Math.rint(Math.exp(1 + random.nextGaussian())) + 1);
                case ViewerBehaviour.HEARTBEAT ->
                    Map.of("visible_share", ViewerBehaviour.visibleShare(state, random.nextGaussian()));
                default -> Map.of();
            };
        }

        @Override
        public double density(int state, Map<String, Double> numbers) {
            Double share = numbers.get("visible_share");
            return share == null ? 1 : ViewerBehaviour.visibleShareDensity(state, share);
        }
    }

    /** Players. */
    record OfPlayers() implements Language {
        @Override
        public List<String> types() {
            return PlayerBehaviour.TYPES;
        }

        @Override
        public List<String> devices() {
            return PlayerBehaviour.DEVICES;
        }

        @Override
        public int arrivalType() {
            return PlayerBehaviour.LOGIN;
        }

        @Override
        public int departureType() {
            return PlayerBehaviour.LOGOUT;
        }

        @Override
        public int lateType() {
            return PlayerBehaviour.ASSIST;
        }

        @Override
        public double[] lost() {
            return lossOf(types(), PlayerBehaviour.LOGIN, PlayerBehaviour.LOGOUT);
        }

        @Override
        public String entityPrefix() {
            return "player-";
        }

        @Override
        public String context(int place, int match) {
            return "arena-" + (place + 1) + "-match-" + match;
        }

        @Override
        public Map<String, Double> numbers(int type, int state, RandomGenerator random) {
            return switch (type) {
                case PlayerBehaviour.KILL, PlayerBehaviour.DEATH, PlayerBehaviour.MATCH_END ->
                    Map.of("score", PlayerBehaviour.score(state, random.nextGaussian()));
                default -> Map.of();
            };
        }

        @Override
        public double density(int state, Map<String, Double> numbers) {
            Double score = numbers.get("score");
            return score == null ? 1 : PlayerBehaviour.scoreDensity(state, score);
        }
    }

    private static double[] lossOf(List<String> types, int arrival, int departure) {
        double[] lost = new double[types.size()];
        lost[arrival] = SimulatedPlatform.LOST;
        lost[departure] = SimulatedPlatform.LOST;
        return lost;
    }
}
