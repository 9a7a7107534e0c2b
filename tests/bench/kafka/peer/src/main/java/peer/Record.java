package peer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the three detectors need of one patient, and the detectors themselves: a pure function of the set of accepted facts. */
final class Record {
    static final byte INACTIVE = 0, PRE = 1, PEAK = 2, OTHER = 3, BPIC = 4, SESSION = 5;
    private static final int ENTRY = 8 + 8 + 8 + 1 + 4 + 2 + 2;
    private static final long MINUTE = 60_000_000L, DAY = 1440 * MINUTE;

    static final class Entry {
        long key, version, effective;  // key: hash of (source, id)
        byte what;
        int session;                   // hash of the session's id, of a session its own; 0: none
        short high, low;               // tenths of mmHg, -1: absent; or the score in hundredths
    }

    /** A piece of evidence. */
    record Evidence(long key, long version) { }

    /** What holds. An occasion is resolved 30 days after `ended`, a condition where it was cleared. */
    record Finding(String detector, String level, long onset, long ended, boolean occasion, boolean cleared, List<Evidence> evidence) {
        long first() { return evidence.get(0).key(); }
        boolean resolved(long at) { return occasion ? ended + 30 * DAY <= at : cleared; }
    }

    final List<Entry> entries = new ArrayList<>();

    static Record of(byte[] bytes) {
        Record r = new Record();
        if (bytes == null) return r;
        ByteBuffer b = ByteBuffer.wrap(bytes);
        while (b.hasRemaining()) {
            Entry e = new Entry();
            e.key = b.getLong(); e.version = b.getLong(); e.effective = b.getLong();
            e.what = b.get(); e.session = b.getInt(); e.high = b.getShort(); e.low = b.getShort();
            r.entries.add(e);
        }
        return r;
    }

    byte[] bytes() {
        ByteBuffer b = ByteBuffer.allocate(entries.size() * ENTRY);
        for (Entry e : entries) b.putLong(e.key).putLong(e.version).putLong(e.effective).put(e.what).putInt(e.session).putShort(e.high).putShort(e.low);
        return b.array();
    }

    static boolean isRelevant(Fact f) {
        return f.retraction || f.kind == Fact.BLOOD_PRESSURE || f.kind == Fact.SESSION || (f.kind == Fact.SCORE && f.instrument.equals("bpic-ss"));
    }

    private static int sessionHash(String id) { int h = id.hashCode(); return h == 0 ? 1 : h; }

    /** Puts a fact where it belongs; false where an accepted one already says more. */
    boolean take(Fact f, boolean replacesSameVersion) {
        long key = hash(f.source, f.id);
        Entry e = null;
        for (Entry o : entries) if (o.key == key) { e = o; break; }
        if (e != null && (e.version > f.version || (e.version == f.version && !replacesSameVersion))) return false;
        boolean relevant = isRelevant(f);
        if (e == null) {
            if (!relevant && f.version <= 2) return false;
            e = new Entry();
            e.key = key;
        } else entries.remove(e);
        e.version = f.version; e.what = INACTIVE; e.effective = 0; e.session = 0; e.high = e.low = -1;
        if (relevant && !f.retraction) {
            e.effective = f.effective;
            if (f.kind == Fact.SCORE) { e.what = BPIC; e.high = (short) Math.round(f.value * 100); }
            else if (f.kind == Fact.SESSION) { e.what = SESSION; e.session = sessionHash(f.id); }
            else {
                e.what = "pre".equals(f.phase) ? PRE : "peak".equals(f.phase) ? PEAK : OTHER;
                if (!Double.isNaN(f.systolic)) e.high = (short) Math.round(f.systolic * 10);
                if (!Double.isNaN(f.diastolic)) e.low = (short) Math.round(f.diastolic * 10);
                if (f.session != null) e.session = sessionHash(f.session);
            }
        }
        int at = entries.size();  // in order of (effective, key)
        while (at > 0 && (entries.get(at - 1).effective > e.effective || (entries.get(at - 1).effective == e.effective && entries.get(at - 1).key > key))) at--;
        entries.add(at, e);
        return true;
    }

    /** A session with its fact, and what its readings say. */
    private static final class Course {
        long start;
        short preHigh = -1, preLow = -1;  // of the last readings before the dose, at or before the start
        boolean computed;                 // whether a rise could be
        final List<Entry> surges = new ArrayList<>(1), severe = new ArrayList<>(1);
    }

    private static Evidence of(Entry e) { return new Evidence(e.key, e.version); }

    private static Finding occasion(String detector, String level, List<Entry> hits) {
        List<Evidence> evidence = new ArrayList<>(hits.size());
        for (Entry e : hits) evidence.add(of(e));
        return new Finding(detector, level, hits.get(0).effective, hits.get(hits.size() - 1).effective, true, false, evidence);
    }

    List<Finding> fold() {
        List<Finding> out = new ArrayList<>(4);
        Map<Integer, Course> sessions = new HashMap<>();
        List<Course> order = new ArrayList<>();
        for (Entry e : entries) {
            if (e.what != SESSION) continue;
            Course c = new Course();
            c.start = e.effective;
            sessions.put(e.session, c);
            order.add(c);
        }
        pressures(out, sessions);
        surges(out, order);
        bladder(out, order.isEmpty() ? Long.MAX_VALUE : order.get(0).start);
        return out;
    }

    /**
     * BP-2: any reading of 180 systolic or 110 diastolic, an occasion a session, or without one for 24 h. Collects what
     * BP-4 needs: a `peak` reading, or one up to 90 minutes after the start, with a rise of 40 or 25.
     */
    private void pressures(List<Finding> out, Map<Integer, Course> sessions) {
        List<Entry> loose = new ArrayList<>(1);
        for (Entry e : entries) {
            if (e.what < PRE || e.what > OTHER) continue;
            Course c = e.session == 0 ? null : sessions.get(e.session);
            if (e.high >= 1800 || e.low >= 1100) {
                if (c != null) c.severe.add(e);
                else {
                    if (!loose.isEmpty() && e.effective - loose.get(0).effective >= DAY) { out.add(occasion("BP-2", "alert", loose)); loose = new ArrayList<>(1); }
                    loose.add(e);
                }
            }
            if (c == null) continue;
            if (e.what == PRE && e.effective <= c.start) {
                if (e.high >= 0) c.preHigh = e.high;
                if (e.low >= 0) c.preLow = e.low;
            }
            long t = e.effective - c.start;
            if (e.what != PEAK && (t <= 0 || t > 90 * MINUTE)) continue;
            boolean high = e.high >= 0 && c.preHigh >= 0, low = e.low >= 0 && c.preLow >= 0;
            if (!high && !low) continue;
            c.computed = true;
            if ((high && e.high - c.preHigh >= 400) || (low && e.low - c.preLow >= 250)) c.surges.add(e);
        }
        if (!loose.isEmpty()) out.add(occasion("BP-2", "alert", loose));
        for (Course c : sessions.values()) if (!c.severe.isEmpty()) out.add(occasion("BP-2", "alert", c.severe));
    }

    /** BP-4: `alert` if at least two of the last four sessions in which a rise could be computed, this one included, have a surge. */
    private static void surges(List<Finding> out, List<Course> order) {
        int among = 0;  // `among`: a bit a session, the newest lowest
        for (Course c : order) {
            if (!c.computed) continue;
            among = ((among << 1) | (c.surges.isEmpty() ? 0 : 1)) & 15;
            if (!c.surges.isEmpty()) out.add(occasion("BP-4", Integer.bitCount(among) >= 2 ? "alert" : "watch", c.surges));
        }
    }

    /** URO-1: exposed BPIC-SS of 19 or more, baseline below it or missing; clears at 17; again within 30 days re-opens. */
    private void bladder(List<Finding> out, long first) {
        double sum = 0;
        int values = 0;
        List<Evidence> evidence = new ArrayList<>(1);
        long onset = 0, ended = 0;
        boolean open = false;
        for (Entry e : entries) {
            if (e.what != BPIC) continue;
            if (e.effective <= first) {
                if (first == Long.MAX_VALUE) return;
                if (e.effective >= first - 365 * DAY) { sum += e.high; values++; }
                continue;
            }
            if (e.high >= 1900 && (values == 0 || sum / values < 1900)) {
                if (!open && !evidence.isEmpty() && e.effective - ended > 30 * DAY) {
                    out.add(new Finding("URO-1", "alert", onset, ended, false, true, evidence));
                    evidence = new ArrayList<>(1);
                }
                if (evidence.isEmpty()) onset = e.effective;
                evidence.add(of(e));
                ended = e.effective;
                open = true;
            } else if (e.high <= 1700) open = false;
        }
        if (!evidence.isEmpty()) out.add(new Finding("URO-1", "alert", onset, ended, false, !open, evidence));
    }

    static long hash(String source, String id) {  // FNV-1a and a finish; equal within a patient only by a 2^-64 chance
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < source.length(); i++) h = (h ^ source.charAt(i)) * 0x100000001b3L;
        h = (h ^ 0xffff) * 0x100000001b3L;
        for (int i = 0; i < id.length(); i++) h = (h ^ id.charAt(i)) * 0x100000001b3L;
        h ^= h >>> 32; h *= 0xd6e8feb86659fd93L; h ^= h >>> 32;
        return h;
    }
}
