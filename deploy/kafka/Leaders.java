import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Moves the leader of each partition of the topics whose names begin with PREFIX to the next copy that is in step, once
 * a second, for so many seconds. For tests of failures: what cannot be moved, since a broker is away, is left for the
 * next second. Started from its source:
 *
 * <p>java -cp "JARS/*" Leaders.java BOOTSTRAP PREFIX SECONDS
 *
 * <p>The last line says how many leaders it has moved, and how many rounds failed. Exit status: 0 some were moved, 1
 * none.
 */
public final class Leaders {
  private static final int REQUEST_MS_MAX = 5_000;
  private static final long ROUND_MS = 1_000;

  public static void main(String[] arguments) throws InterruptedException {
    String prefix = arguments[1];
    long end = System.nanoTime() + Long.parseLong(arguments[2]) * 1_000_000_000L;
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", arguments[0],
            "default.api.timeout.ms", REQUEST_MS_MAX,
            "request.timeout.ms", REQUEST_MS_MAX);
    int moved = 0;
    int roundsFailed = 0;
    try (Admin admin = Admin.create(settings)) {
      while (System.nanoTime() < end) {
        long next = System.nanoTime() + ROUND_MS * 1_000_000L;
        try {
          moved += moveAll(admin, prefix);
        } catch (ExecutionException e) {
          roundsFailed++;
        }
        Thread.sleep(Math.max(1, (next - System.nanoTime()) / 1_000_000L));
      }
    }
    System.out.println("moved " + moved + " leaders; " + roundsFailed + " rounds failed");
    System.exit(moved > 0 ? 0 : 1);
  }

  /** The first copy is the one that leads by preference: another order and an election move the leader. */
  private static int moveAll(Admin admin, String prefix) throws ExecutionException, InterruptedException {
    List<String> names = admin.listTopics().names().get().stream().filter(n -> n.startsWith(prefix)).toList();
    Map<TopicPartition, Optional<NewPartitionReassignment>> orders = new HashMap<>();
    for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
      for (TopicPartitionInfo partition : topic.partitions()) {
        List<Integer> order = nextOrder(partition);
        if (!order.isEmpty()) {
          orders.put(
              new TopicPartition(topic.name(), partition.partition()),
              Optional.of(new NewPartitionReassignment(order)));
        }
      }
    }
    admin.alterPartitionReassignments(orders).all().get();
    int moved = 0;
    for (var result : admin.electLeaders(ElectionType.PREFERRED, orders.keySet()).partitions().get().values()) {
      moved += result.isEmpty() ? 1 : 0;
    }
    return moved;
  }

  /** The copies with that one first that is in step and follows the leader; empty if there is none but the leader. */
  private static List<Integer> nextOrder(TopicPartitionInfo partition) {
    if (partition.leader() == null || partition.leader().isEmpty()) {
      return List.of();
    }
    List<Integer> inStep = partition.isr().stream().map(Node::id).toList();
    List<Integer> order = new ArrayList<>(partition.replicas().stream().map(Node::id).toList());
    Collections.rotate(order, -order.indexOf(partition.leader().id()) - 1);
    for (int tried = 1; tried < order.size(); tried++) {
      if (inStep.contains(order.get(0))) {
        return order;
      }
      Collections.rotate(order, -1);
    }
    return List.of();
  }
}
