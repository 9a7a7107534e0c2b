package peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Decode, validate, once-only, keep the record, detect, alert. */
final class Watch implements Processor<byte[], byte[], byte[], byte[]> {
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> facts, patients;
    private final Fact fact = new Fact();

    @Override public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        facts = context.getStateStore("facts");
        patients = context.getStateStore("patients");
    }

    @Override public void process(org.apache.kafka.streams.processor.api.Record<byte[], byte[]> in) {
        Peer.started();
        Fact f = fact;
        try {
            f.decode(in.value(), in.timestamp() * 1000);
        } catch (Fact.Refused e) {
            Peer.count(Peer.QUARANTINED);
            org.apache.kafka.common.header.Headers h = new org.apache.kafka.common.header.internals.RecordHeaders(in.headers());
            h.add("__connect.errors.exception.message", e.getMessage().getBytes(StandardCharsets.UTF_8));
            context.forward(in.withHeaders(h), "quarantine");
            return;
        }
        // facts: patient 0 source 0 id 0 version -> recorded, digest, the bytes as they came
        byte[] prefix = (f.patient + '\0' + f.source + '\0' + f.id + '\0').getBytes(StandardCharsets.UTF_8);
        Bytes key = Bytes.wrap(ByteBuffer.allocate(prefix.length + 8).put(prefix).putLong(f.version).array());
        byte[] value = ByteBuffer.allocate(1 + 8 + 32 + in.value().length).put((byte) (f.retraction ? 1 : 0)).putLong(f.recorded).put(f.digest).put(in.value()).array();
        byte[] kept = facts.get(key);
        boolean replaces = false;
        if (kept != null) {
            if (Arrays.equals(kept, 9, 41, f.digest, 0, 32)) {  // the same again; the smallest `recorded` is kept
                Peer.count(Peer.DUPLICATE);
                if (ByteBuffer.wrap(kept, 1, 8).getLong() > f.recorded) facts.put(key, value);
                return;
            }
            Peer.count(Peer.CONFLICT);  // a retraction wins, else the greatest (recorded, digest); both stay
            int order = Boolean.compare(kept[0] == 1, f.retraction);
            if (order == 0) order = Long.compare(ByteBuffer.wrap(kept, 1, 8).getLong(), f.recorded);
            if (order == 0) order = Arrays.compareUnsigned(kept, 9, 41, f.digest, 0, 32);
            replaces = order < 0;
            byte[] loser = replaces ? kept : value;
            facts.put(Bytes.wrap(ByteBuffer.allocate(prefix.length + 9 + 32).put(prefix).putLong(f.version).put((byte) 1).put(loser, 9, 32).array()), loser);
            if (!replaces) return;
        } else Peer.count(Peer.ACCEPTED);
        facts.put(key, value);

        boolean matters = f.version > 2 || replaces || Record.isRelevant(f);
        if (!matters) return;
        Bytes who = Bytes.wrap(f.patient.getBytes(StandardCharsets.UTF_8));
        Record record = Record.of(patients.get(who));
        List<Record.Finding> before = record.fold();
        if (!record.take(f, replaces)) return;
        patients.put(who, record.bytes());
        List<Record.Finding> after = record.fold();
        if (before.equals(after)) return;
        for (Record.Finding x : after) if (!before.contains(x)) publish(f.patient, x, true, in.timestamp());
        for (Record.Finding x : before)
            if (after.stream().noneMatch(y -> y.detector().equals(x.detector()) && y.first() == x.first())) publish(f.patient, x, false, in.timestamp());
    }

    /** The evidence is looked up by its hash among the patient's facts: alerts are rare. */
    private void publish(String patient, Record.Finding x, boolean holds, long received) {
        Peer.count(Peer.REVISIONS);
        String[][] found = new String[x.evidence().size()][];
        try (KeyValueIterator<Bytes, byte[]> i = facts.range(Bytes.wrap((patient + '\0').getBytes(StandardCharsets.UTF_8)), Bytes.wrap((patient + '\1').getBytes(StandardCharsets.UTF_8)))) {
            while (i.hasNext()) {
                byte[] k = i.next().key.get();
                int a = indexOf(k, 0), b = indexOf(k, a + 1), c = indexOf(k, b + 1);
                String s = new String(k, a + 1, b - a - 1, StandardCharsets.UTF_8), n = new String(k, b + 1, c - b - 1, StandardCharsets.UTF_8);
                long hash = Record.hash(s, n);
                for (int e = 0; e < found.length; e++) if (x.evidence().get(e).key() == hash) found[e] = new String[] {s, n};
            }
        }
        StringBuilder evidence = new StringBuilder();
        for (int e = 0; e < found.length; e++)
            evidence.append(e == 0 ? "" : ",").append("{\"source\":\"").append(found[e][0]).append("\",\"id\":\"").append(found[e][1])
                .append("\",\"version\":").append(x.evidence().get(e).version()).append('}');
        String name = x.detector() + '|' + patient + '|' + found[0][0] + '|' + found[0][1];
        String json = "{\"case\":\"" + name + "\",\"subject\":{\"patient\":\"" + patient + "\"},\"detector\":\"" + x.detector() + "\",\"level\":\"" + x.level()
            + "\",\"state\":\"" + (!holds ? "retracted" : x.resolved(received * 1000) ? "resolved" : "open") + "\",\"onset\":" + x.onset() + ",\"ended\":" + x.ended()
            + ",\"evidence\":[" + evidence + "],\"updated\":" + received + "}";
        context.forward(new org.apache.kafka.streams.processor.api.Record<>(name.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8), received), "alerts");
    }

    private static int indexOf(byte[] k, int from) { while (k[from] != 0) from++; return from; }
}
