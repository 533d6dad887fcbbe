package io.livepredict.streams.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.api.EntityAnswers.Entity;
import io.livepredict.streams.api.EntityAnswers.EntityScores;
import io.livepredict.streams.model.TestModels;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.FlowFixture;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class EntityAnswersTest {
    private static final long NOON = FlowFixture.NOON;
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final KindDefinition LOOKED_AT = KindDefinitionBuilder.builder(KindDefinition.defaults(Kind.VIEWER))
            .looks(List.of(LOOK))
            .build();

    private static EntityScores scores(FlowFixture flow, Ask ask) {
        try (ScoresNow now = now(flow)) {
            return (EntityScores)
                    answers(flow, now).answer(List.of("ada"), ask, parts(flow)).getFirst();
        }
    }

    private static ScoresNow now(FlowFixture flow) {
        return new ScoresNow(flow.targets, flow.active, (contextId, asOf, into, offset) -> {}, flow.clock::get);
    }

    private static EntityAnswers answers(FlowFixture flow, ScoresNow now) {
        return new EntityAnswers(flow.plan, now, true, "here:1", flow.clock::get);
    }

    private static List<LocalState.Part> parts(FlowFixture flow) {
        NodeNames names = new NodeNames(Kind.VIEWER);
        return List.of(new LocalState.Part(
                0,
                false,
                0L,
                store(flow, names.activity()),
                store(flow, names.openStore()),
                store(flow, names.pendingStore()),
                store(flow, names.lastScores())));
    }

    private static KeyValueStore<Bytes, byte[]> store(FlowFixture flow, String name) {
        return flow.driver.getKeyValueStore(name);
    }

    private static void publishModelOfRecency(FlowFixture flow) {
        flow.publish(TestModels.over(flow.schema, flow.targets)
                .dense("recency.CHAT")
                .weight(0.01f)
                .bias(-1f)
                .published(flow.key));
    }

    @Test
    void shouldScoreThisMomentAsALookAtItWould() {
        try (FlowFixture flow = FlowFixture.asked(LOOKED_AT)) {
            publishModelOfRecency(flow);
            flow.send("e1", "ada", "JOIN", NOON);
            flow.send("e2", "ada", "CHAT", NOON + 1_000);
            double atTheEvent = flow.predictions().getLast().getScore();
            flow.clock.set(NOON + 1_000 + LOOK.toMillis());
            EntityScores asked = scores(flow, Ask.NOW);
            flow.send("e3", "ada", "CHAT", NOON + 90_000); // the look at it happens just before

            Map<String, Prediction> looked = new HashMap<>();
            flow.predictions().stream()
                    .filter(each -> each.getEventType().equals(KindDefinition.LOOK))
                    .forEach(each -> looked.put(each.getTarget(), each));
            assertThat(looked).hasSize(2);
            assertThat(asked.scores()).hasSize(2).allSatisfy(score -> {
                Prediction look = looked.getOrDefault(score.target(), new Prediction());
                assertThat((double) score.score()).isCloseTo(look.getScore(), within(1e-6));
                assertThat((double) score.score()).isNotCloseTo(atTheEvent, within(1e-3));
                assertThat(score.asOf()).isEqualTo(look.getEventTime());
                assertThat(score.context()).isEqualTo("room");
                assertThat(score.model().version()).isEqualTo(1);
            });
        }
    }

    @Test
    void shouldChangeNothingAndSayNothingWhenAsked() {
        try (FlowFixture flow = FlowFixture.asked(KindDefinition.defaults(Kind.VIEWER))) {
            publishModelOfRecency(flow);
            flow.send("e1", "ada", "CHAT", NOON);
            flow.predictions();
            Map<String, byte[]> before = contents(flow);
            float atOnce = scores(flow, Ask.NOW).scores().getFirst().score();
            flow.clock.addAndGet(3_600_000);
            float later = scores(flow, Ask.NOW).scores().getFirst().score();

            assertThat(later).isNotEqualTo(atOnce);
            assertThat(contents(flow)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(flow.predictions()).isEmpty();
        }
    }

    @Test
    void shouldKeepTheLastScoreForEachTargetAsItWasMade() {
        try (FlowFixture flow = FlowFixture.asked(KindDefinition.defaults(Kind.VIEWER))) {
            flow.send("e1", "ada", "CHAT", NOON);
            flow.send("e2", "ada", "LEAVE", NOON + 1_000); // nothing is predicted at it
            flow.clock.addAndGet(60_000);

            EntityScores latest = scores(flow, Ask.LATEST);
            assertThat(latest.scores()).hasSize(2).allSatisfy(score -> {
                assertThat(score.score()).isEqualTo(0.25f);
                assertThat(score.event()).isEqualTo(new Score.Event("e1", "CHAT"));
                assertThat(score.asOf().toEpochMilli()).isEqualTo(NOON);
            });
            try (ScoresNow now = now(flow)) {
                Entity entity = (Entity) answers(flow, now)
                        .answer(List.of("ada"), Ask.ENTITY, parts(flow))
                        .getFirst();
                assertThat(entity.known().events()).isEqualTo(2);
                assertThat(entity.known().contexts().getFirst().staying()).isFalse();
                assertThat(entity.openSnapshots())
                        .allSatisfy(snapshot -> assertThat(snapshot.event()).isEqualTo("e1"));
                assertThat(answers(flow, now).answer(List.of("nobody"), Ask.ENTITY, parts(flow)))
                        .containsOnlyNulls();
            }
        }
    }

    private static Map<String, byte[]> contents(FlowFixture flow) {
        NodeNames names = new NodeNames(Kind.VIEWER);
        Map<String, byte[]> contents = new HashMap<>();
        Stream.of(names.activity(), names.openStore(), names.pendingStore(), names.lastScores())
                .forEach(name -> {
                    try (KeyValueIterator<Bytes, byte[]> all = store(flow, name).all()) {
                        all.forEachRemaining(entry -> contents.put(name + entry.key, entry.value.clone()));
                    }
                });
        return contents;
    }
}
