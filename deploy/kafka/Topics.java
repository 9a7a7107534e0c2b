import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Makes the topics of a file, all in one Java process, and waits until each partition has a leader. A topic that is
 * there is left as it is. Started from its source by `up`:
 *
 * <p>java -cp "JARS/*" Topics.java BOOTSTRAP FILE PARTITIONS REPLICATION
 *
 * <p>A line of the file is NAME PARTITIONS REPLICATION [KEY=VALUE ...]; `-` means the PARTITIONS and the REPLICATION of
 * the command; `#` begins a comment. Exit status: 0 all are there, 1 not, and standard error says why.
 */
public final class Topics {
  private static final int NAME = 0;
  private static final int PARTITIONS = 1;
  private static final int REPLICATION = 2;
  private static final int SETTINGS = 3;
  private static final int REQUEST_MS_MAX = 15_000;
  private static final int LEADERS_MS_MAX = 20_000;
  private static final int LEADERS_MS_BETWEEN = 100;

  /** Something that the reader of the message can mend. */
  private static final class Wrong extends Exception {
    Wrong(String message) {
      super(message);
    }
  }

  public static void main(String[] arguments) {
    try {
      List<NewTopic> topics =
          read(Path.of(arguments[1]), count(arguments[2]), (short) count(arguments[3]));
      Map<String, Object> settings =
          Map.of(
              "bootstrap.servers", arguments[0],
              "default.api.timeout.ms", REQUEST_MS_MAX,
              "request.timeout.ms", REQUEST_MS_MAX);
      try (Admin admin = Admin.create(settings)) {
        create(admin, topics);
        waitForLeaders(admin, topics.stream().map(NewTopic::name).toList());
      }
    } catch (Exception e) {
      System.err.println(e instanceof Wrong ? e.getMessage() : e.toString());
      System.exit(1);
    }
  }

  private static List<NewTopic> read(Path file, int partitions, short replication) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      String[] words = line.replaceFirst("(^|\\s)#.*", "").trim().split("\\s+");
      if (words[NAME].isEmpty()) {
        continue;
      }
      try {
        topics.add(topic(words, partitions, replication));
      } catch (Wrong e) {
        throw new Wrong(file + ":" + number + ": " + e.getMessage());
      }
    }
    if (topics.isEmpty()) {
      throw new Wrong(file + ": names no topic");
    }
    return topics;
  }

  private static NewTopic topic(String[] words, int partitions, short replication) throws Wrong {
    if (words.length < SETTINGS) {
      throw new Wrong("NAME PARTITIONS REPLICATION [KEY=VALUE ...] is wanted");
    }
    Map<String, String> settings = new HashMap<>();
    for (int i = SETTINGS; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals < 1) {
        throw new Wrong("'" + words[i] + "' is no KEY=VALUE");
      }
      settings.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    int topicPartitions = words[PARTITIONS].equals("-") ? partitions : count(words[PARTITIONS]);
    short topicReplication = words[REPLICATION].equals("-") ? replication : (short) count(words[REPLICATION]);
    // Of one copy no two can be in step, and every write with acks=all would be refused.
    settings.putIfAbsent(
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(Math.max(1, topicReplication - 1)));
    return new NewTopic(words[NAME], Optional.of(topicPartitions), Optional.of(topicReplication)).configs(settings);
  }

  private static int count(String word) throws Wrong {
    if (!word.matches("[1-9][0-9]{0,3}")) {
      throw new Wrong("'" + word + "' is no number from 1 to 9999, and no '-'");
    }
    return Integer.parseInt(word);
  }

  private static void create(Admin admin, List<NewTopic> topics) throws Exception {
    var results = admin.createTopics(topics).values();
    for (NewTopic topic : topics) {
      try {
        results.get(topic.name()).get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new Wrong("topic " + topic.name() + ": " + e.getCause().getMessage());
        }
      }
    }
  }

  private static void waitForLeaders(Admin admin, List<String> names) throws Exception {
    long deadline = System.nanoTime() + LEADERS_MS_MAX * 1_000_000L;
    while (!haveLeaders(admin, names)) {
      if (System.nanoTime() > deadline) {
        throw new Wrong("a partition of the topics has no leader after " + LEADERS_MS_MAX + " ms");
      }
      Thread.sleep(LEADERS_MS_BETWEEN);
    }
  }

  private static boolean haveLeaders(Admin admin, List<String> names) throws InterruptedException {
    try {
      for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
        if (topic.partitions().stream().anyMatch(p -> p.leader() == null || p.leader().isEmpty())) {
          return false;
        }
      }
      return true;
    } catch (ExecutionException e) {
      return false; // the broker that was asked has not heard of a topic yet
    }
  }
}
