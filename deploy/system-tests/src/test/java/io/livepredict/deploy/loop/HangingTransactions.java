package io.livepredict.deploy.loop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;

/**
 * Transactions that a broker has left open in a partition although its coordinator has long ended them. Kafka 4.3.1 does so after
 * it was killed under load; nobody can read on there until somebody ends them, as the runbook says.
 */
final class HangingTransactions {
    private HangingTransactions() {}

    /** Ends those that there are, and says how many it were. */
    static int abort(Admin admin) throws ExecutionException, InterruptedException {
        Map<Long, Integer> epochs = new HashMap<>();
        List<String> ids = admin.listTransactions().all().get().stream()
                .map(TransactionListing::transactionalId)
                .toList();
        for (TransactionDescription each :
                admin.describeTransactions(ids).all().get().values()) {
            epochs.put(each.producerId(), each.producerEpoch());
        }
        List<TopicPartition> partitions =
                admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get().values().stream()
                        .flatMap(topic -> topic.partitions().stream()
                                .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                        .toList();
        int aborted = 0;
        for (var each : admin.describeProducers(partitions).all().get().entrySet()) {
            for (ProducerState producer : each.getValue().activeProducers()) {
                Integer epoch = epochs.get(producer.producerId());
                if (producer.currentTransactionStartOffset().isPresent()
                        && epoch != null
                        && epoch > producer.producerEpoch() + 1) { // the next may be ending it at this moment
                    admin.abortTransaction(new AbortTransactionSpec(
                                    each.getKey(),
                                    producer.producerId(),
                                    (short) producer.producerEpoch(),
                                    producer.coordinatorEpoch().orElse(0)))
                            .all()
                            .get();
                    aborted++;
                }
            }
        }
        return aborted;
    }
}
