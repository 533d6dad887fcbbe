package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.http.Api;
import io.livepredict.streams.api.Instances.Has;
import io.livepredict.streams.api.LocalTasks.Place;
import io.livepredict.streams.outlook.OutlookView;
import io.livepredict.streams.outlook.OutlookView.Expected;
import io.livepredict.streams.outlook.OutlookView.Room;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.KindPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.jspecify.annotations.Nullable;

/** What is expected of one kind's rooms or matches. */
final class Outlooks implements Holding {
    /** Of each instance. */
    static final int MOST_ROOMS = 200;

    private final KindPlan plan;
    private final NodeNames names;
    private final LocalTasks tasks;
    private final OutlookView view;
    private final IntSupplier partitions;
    private final String instance;
    private final boolean uncommitted;

    /**
     * @param client Kafka Streams as it is at present
     * @param topic that of the parts which are added up
     * @param partitions how many tasks add parts up, over all instances
     * @param instance host and port of this instance
     * @param uncommitted whether state may hold what is not committed yet
     */
    Outlooks(
            Supplier<Optional<KafkaStreams>> client,
            KindPlan plan,
            String topic,
            IntSupplier partitions,
            String instance,
            boolean uncommitted) {
        this.plan = plan;
        this.partitions = partitions;
        this.instance = instance;
        this.uncommitted = uncommitted;
        names = new NodeNames(plan.kind());
        tasks = new LocalTasks(client, Set.of(topic), names.outlookPresent());
        view = new OutlookView(plan.definition(), plan.targets());
    }

    record TargetOutlook(
            String target,
            @Nullable Double expected,
            long snapshots,
            double scoreSum,
            long lowestVersion,
            long highestVersion) {}

    record RoomOutlook(
            String kind,
            String id,
            EntityAnswers.Source source,
            Instant asOf,
            long present,
            List<TargetOutlook> targets) {}

    /** The foremost rooms of an instance, by a target. */
    record Foremost(List<RoomOutlook> rooms) {}

    private record Part(Place place, OutlookView.Stores stores) {}

    @Override
    public Kind kind() {
        return plan.kind();
    }

    @Override
    public String store() {
        return names.outlookPresent();
    }

    @Override
    public int partitions() {
        return Math.max(1, partitions.getAsInt()); // 0 while it starts
    }

    @Override
    public String unknown() {
        return "Nobody is in a " + kind().context() + " of that id, and nothing was scored there in the last minute.";
    }

    /** Ids are those of rooms for {@link Ask#OUTLOOK}, and names of targets for {@link Ask#FOREMOST}. */
    @Override
    public Has here(List<String> ids, Ask ask, boolean copies) {
        List<Part> parts = tasks.read(copies, this::part);
        try {
            List<@Nullable JsonNode> answers = new ArrayList<>();
            for (String id : ids) {
                Object answer = ask == Ask.FOREMOST ? foremost(id, parts) : room(id, parts);
                answers.add(answer == null ? null : Api.json(answer));
            }
            return new Has(
                    parts.stream().map(part -> part.place.partition()).collect(Collectors.toCollection(TreeSet::new)),
                    answers);
        } catch (InvalidStateStoreException e) {
            return new Has(Set.of(), Arrays.asList(new JsonNode[ids.size()])); // a task has just gone
        }
    }

    private Part part(Place place) {
        return new Part(
                place, new OutlookView.Stores(place.store(names.outlookMerge()), place.store(names.outlookPresent())));
    }

    private @Nullable RoomOutlook room(String id, List<Part> parts) {
        for (Part part : parts) {
            Room room = view.room(part.stores, id);
            if (room != null) {
                return outlook(room, part.place);
            }
        }
        return null;
    }

    private Foremost foremost(String target, List<Part> parts) {
        List<RoomOutlook> rooms = new ArrayList<>();
        for (Part part : parts) {
            view.rooms(part.stores).forEach(room -> rooms.add(outlook(room, part.place)));
        }
        rooms.sort(Comparator.comparingDouble((RoomOutlook room) -> -expected(room, target)));
        return new Foremost(rooms.size() > MOST_ROOMS ? List.copyOf(rooms.subList(0, MOST_ROOMS)) : rooms);
    }

    private static double expected(RoomOutlook room, String target) {
        return room.targets.stream()
                .filter(each -> each.target.equals(target) && each.expected != null)
                .mapToDouble(TargetOutlook::expected)
                .findFirst()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    private RoomOutlook outlook(Room room, Place place) {
        return new RoomOutlook(
                kind().id(),
                room.contextId(),
                new EntityAnswers.Source(
                        place.isCopy() ? "standby" : "active", place.lagRecords(), instance, uncommitted),
                Instant.ofEpochMilli(room.endMillis()),
                room.present(),
                room.targets().stream()
                        .map(each -> target(each, room.present()))
                        .toList());
    }

    private static TargetOutlook target(Expected of, long present) {
        double expected = of.of(present);
        return new TargetOutlook(
                of.target(),
                Double.isNaN(expected) ? null : expected,
                of.snapshots(),
                of.scoreSum(),
                of.lowestVersion(),
                of.highestVersion());
    }
}
