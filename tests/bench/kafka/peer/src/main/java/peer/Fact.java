package peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** One fact, decoded and validated as EVENTS.md says, in the part that this peer needs. Reused: one per task. */
final class Fact {
    static final int NONE = 0, BLOOD_PRESSURE = 8, SESSION = 9, SCORE = 10;
    private static final JsonFactory JSON = new JsonFactory();
    private static final Map<String, Integer> KINDS = new HashMap<>();
    private static final Map<String, double[]> INSTRUMENTS = new HashMap<>();
    private static final Set<String> PHASES = Set.of("pre", "peak", "discharge", "home", "other");
    private static final Set<String> ROUTES = Set.of("IV", "IN", "IM", "SL", "PO", "SC");
    private static final Set<String> COMPOUNDS = Set.of("ketamine", "esketamine", "arketamine");
    private static final Set<String> STATUSES = Set.of("final", "preliminary", "corrected", "entered-in-error");

    static {
        String[] kinds = {"enrolment", "covariate", "condition", "medication", "plan", "dispense", "vital", "blood_pressure",
            "session", "score", "symptom", "culture", "lab", "adverse_event", "exit"};
        for (int i = 0; i < kinds.length; i++) KINDS.put(kinds[i], i + 1);
        Object[] ranges = {"moca", 0, 30, "mmse", 0, 30, "hvlt-r-total", 0, 36, "hvlt-r-delayed", 0, 12, "dsst", 0, 133,
            "cogstate-det", 2, 4, "cogstate-idn", 2, 4, "cogstate-ocl", 0, 1.571, "cogstate-onb", 0, 1.571, "cogstate-gmlt", 0, 400,
            "bpic-ss", 0, 38, "icsi", 0, 20, "icpi", 0, 16, "ipss", 0, 35, "puf", 0, 35, "iciq-ui-sf", 0, 21, "voids-24h", 0, 60,
            "nocturia", 0, 20, "pwc-20", 0, 60, "craving-vas", 0, 10, "phq-9", 0, 27, "phq-9-item-9", 0, 3, "madrs", 0, 60,
            "cgi-s", 1, 7, "c-ssrs-ideation", 0, 5, "moaa-s", 0, 5, "cadss", 0, 92};
        for (int i = 0; i < ranges.length; i += 3)
            INSTRUMENTS.put((String) ranges[i], new double[] {((Number) ranges[i + 1]).doubleValue(), ((Number) ranges[i + 2]).doubleValue()});
    }

    /** Why a fact cannot be accepted. */
    static final class Refused extends Exception {
        Refused(String reason, String detail) { super(reason + ": " + detail, null, false, false); }
    }

    /** The fields that take part in the digest, in order of their names, so that the canonical form needs no sort. */
    private static final String[] NAMES = {"administration", "action", "birth_year", "class", "code", "comedication", "compound", "conditions",
        "ctcae", "days_supply", "diastolic", "dose_mg", "duration_min", "education_years", "effective", "end", "form", "id", "instrument",
        "interval_days", "items", "kind", "location", "lot", "monitored_min", "name", "organism", "outcome", "patient", "pharmacy", "phase", "plan",
        "prescriber", "psychotherapy", "quantity_mg", "ready_min", "reason", "replaces", "resolved", "result", "route", "seriousness", "session",
        "setting", "severity", "sex", "site", "source", "status", "symptoms", "systolic", "titration", "unit", "unplanned", "upper_limit",
        "value", "version", "weight_kg"};
    private static final Map<String, Integer> PLACE = new HashMap<>();
    static { Arrays.sort(NAMES); for (int i = 0; i < NAMES.length; i++) PLACE.put(NAMES[i], i); }
    private static int at(String name) { return PLACE.get(name); }
    private static final int SOURCE = at("source"), ID = at("id"), PATIENT = at("patient"), KIND = at("kind"), VERSION = at("version"), STATUS = at("status"),
        EFFECTIVE = at("effective"), SESSION_ID = at("session"), SYSTOLIC = at("systolic"), DIASTOLIC = at("diastolic"), UNIT = at("unit"), PHASE = at("phase"),
        COMPOUND = at("compound"), ROUTE = at("route"), DOSE = at("dose_mg"), INSTRUMENT = at("instrument"), VALUE = at("value");

    private final Object[] fields = new Object[NAMES.length];  // String, Double, Long (an instant), or the text of something nested
    private final MessageDigest sha;
    private byte[] canonical = new byte[512];
    private int length;

    String source, id, patient, session, phase, instrument;
    int kind;
    long version, effective, recorded;
    boolean retraction;
    double systolic, diastolic, value;
    byte[] digest;

    Fact() {
        try { sha = MessageDigest.getInstance("SHA-256"); } catch (NoSuchAlgorithmException e) { throw new IllegalStateException(e); }
    }

    void decode(byte[] bytes, long received) throws Refused {
        Arrays.fill(fields, null);
        recorded = Long.MIN_VALUE;
        try (JsonParser p = JSON.createParser(bytes)) {
            if (p.nextToken() != JsonToken.START_OBJECT) throw new Refused("malformed", "not an object");
            for (String name; (name = p.nextFieldName()) != null; ) {
                JsonToken token = p.nextToken();
                Integer place = PLACE.get(name);
                if (place == null) {
                    if (name.equals("recorded")) {
                        if (token != JsonToken.VALUE_STRING) throw new Refused("type", "recorded: expected a time");
                        if (recorded != Long.MIN_VALUE) throw new Refused("malformed", "duplicate key recorded");
                        recorded = Time.parse(p.getTextCharacters(), p.getTextOffset(), p.getTextLength());
                        if (recorded == Long.MIN_VALUE) throw new Refused("type", "recorded: expected a time");
                    } else p.skipChildren();
                    continue;
                }
                if (fields[place] != null) throw new Refused("malformed", "duplicate key " + name);
                if (place == EFFECTIVE) {
                    if (token != JsonToken.VALUE_STRING) throw new Refused("type", "effective: expected a time");
                    long t = Time.parse(p.getTextCharacters(), p.getTextOffset(), p.getTextLength());
                    if (t == Long.MIN_VALUE) throw new Refused("type", "effective: expected a time");
                    fields[place] = t;
                } else switch (token) {
                    case VALUE_STRING -> fields[place] = p.getText();
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> fields[place] = p.getDoubleValue() + 0.0;
                    case VALUE_TRUE, VALUE_FALSE -> fields[place] = token == JsonToken.VALUE_TRUE ? "true" : "false";
                    case VALUE_NULL -> { }
                    default -> { StringBuilder b = new StringBuilder(); nested(p, b); fields[place] = b.toString(); }
                }
            }
            if (p.nextToken() != null) throw new Refused("malformed", "more than one value");
        } catch (IOException e) { throw new Refused("malformed", e.getClass().getSimpleName()); }
        validate(received);
        digest();
    }

    private static void nested(JsonParser p, StringBuilder b) throws IOException {
        int depth = 0;
        do {
            JsonToken t = p.currentToken();
            if (t.isStructStart()) depth++;
            if (t.isStructEnd()) depth--;
            b.append(p.getText()).append('\u0001');
        } while (depth > 0 && p.nextToken() != null);
    }

    private String text(int place) throws Refused {
        Object o = fields[place];
        if (o == null) return null;
        if (!(o instanceof String s)) throw new Refused("type", NAMES[place] + ": expected a string");
        return s;
    }

    private String identifier(int place, boolean need) throws Refused {
        String s = text(place);
        if (s == null) { if (need) throw new Refused("missing", NAMES[place]); return null; }
        if (s.isEmpty() || s.length() > 128) throw new Refused("type", NAMES[place] + ": expected 1 to 128 bytes");
        for (int i = 0; i < s.length(); i++) if (s.charAt(i) < 32 || s.charAt(i) == 127) throw new Refused("malformed", NAMES[place] + ": control character");
        return s;
    }

    private double number(int place, boolean need) throws Refused {
        Object o = fields[place];
        if (o == null) { if (need) throw new Refused("missing", NAMES[place]); return Double.NaN; }
        if (!(o instanceof Double d) || d.isInfinite() || d.isNaN()) throw new Refused("type", NAMES[place] + ": expected a number");
        return d;
    }

    private void validate(long received) throws Refused {
        source = identifier(SOURCE, true);
        id = identifier(ID, true);
        patient = identifier(PATIENT, true);
        session = identifier(SESSION_ID, false);
        String status = text(STATUS);
        if (status == null) fields[STATUS] = status = "final";
        if (!STATUSES.contains(status)) throw new Refused("unknown-status", status);
        retraction = status.equals("entered-in-error");
        if (recorded != Long.MIN_VALUE && recorded > received + 600_000_000L) throw new Refused("clock", "recorded is after received");
        double v = number(VERSION, false);
        if (!Double.isNaN(v)) {
            if (v < 1 || v > 9007199254740991.0 || v != Math.rint(v)) throw new Refused("type", "version: expected 1 to 2^53-1");
            version = (long) v;
        } else version = switch (status) {
            case "preliminary" -> 1;
            case "final" -> 2;
            case "corrected" -> recorded == Long.MIN_VALUE ? 3 : Math.max(5, Math.floorDiv(recorded, 1000L));
            default -> recorded == Long.MIN_VALUE ? 4 : Math.max(5, Math.floorDiv(recorded, 1000L));
        };
        fields[VERSION] = (double) version;
        kind = NONE;
        if (retraction) {  // its other content is ignored
            for (int i = 0; i < fields.length; i++) if (i != SOURCE && i != ID && i != PATIENT && i != STATUS && i != VERSION) fields[i] = null;
            return;
        }
        String name = text(KIND);
        if (name == null) throw new Refused("missing", "kind");
        Integer k = KINDS.get(name);
        if (k == null) throw new Refused("unknown-kind", name);
        kind = k;
        if (fields[EFFECTIVE] == null) throw new Refused("missing", "effective");
        effective = (Long) fields[EFFECTIVE];
        if (effective > (recorded != Long.MIN_VALUE ? recorded : received) + 600_000_000L) throw new Refused("future", "effective is after recorded");
        if (kind == BLOOD_PRESSURE) {
            systolic = number(SYSTOLIC, false);
            diastolic = number(DIASTOLIC, false);
            if (Double.isNaN(systolic) && Double.isNaN(diastolic)) throw new Refused("missing", "systolic or diastolic");
            String unit = text(UNIT);
            if (unit == null || unit.equals("mm[Hg]")) fields[UNIT] = "mm[Hg]";
            else if (unit.equals("kPa")) { systolic = Math.rint(systolic * 7.50062); diastolic = Math.rint(diastolic * 7.50062); }
            else throw new Refused("unknown-unit", unit);
            if (systolic < 50 || systolic > 300) throw new Refused("implausible", "systolic: expected 50 to 300");
            if (diastolic < 20 || diastolic > 200) throw new Refused("implausible", "diastolic: expected 20 to 200");
            if (systolic - diastolic < 10) throw new Refused("implausible", "systolic - diastolic: expected at least 10");
            phase = text(PHASE);
            if (phase != null && !PHASES.contains(phase)) throw new Refused("unknown-phase", phase);
        } else if (kind == SESSION) {
            String c = text(COMPOUND), r = text(ROUTE);
            if (c == null) throw new Refused("missing", "compound");
            if (!COMPOUNDS.contains(c)) throw new Refused("unknown-compound", c);
            if (r == null) throw new Refused("missing", "route");
            if (!ROUTES.contains(r)) throw new Refused("unknown-route", r);
            if (number(DOSE, true) < 0) throw new Refused("implausible", "dose_mg: expected 0 or more");
        } else if (kind == SCORE) {
            instrument = text(INSTRUMENT);
            if (instrument == null) throw new Refused("missing", "instrument");
            double[] range = INSTRUMENTS.get(instrument);
            if (range == null) throw new Refused("unknown-instrument", instrument);
            value = number(VALUE, true);
            if (value < range[0] || value > range[1]) throw new Refused("implausible", "value: expected " + range[0] + " to " + range[1]);
        }
    }

    private void digest() {
        length = 0;
        for (int i = 0; i < fields.length; i++) {
            Object o = fields[i];
            if (o == null) continue;
            put(NAMES[i]);
            if (o instanceof String s) { one((byte) 's'); put(s); }
            else { one((byte) (o instanceof Double ? 'd' : 't')); eight(o instanceof Double d ? Double.doubleToRawLongBits(d) : (Long) o); }
            one((byte) 0);
        }
        sha.update(canonical, 0, length);
        digest = sha.digest();
    }

    private void room(int more) { if (length + more > canonical.length) canonical = Arrays.copyOf(canonical, Math.max(canonical.length * 2, length + more)); }
    private void one(byte b) { room(1); canonical[length++] = b; }
    private void eight(long v) { room(8); for (int s = 56; s >= 0; s -= 8) canonical[length++] = (byte) (v >> s); }
    private void put(String s) {
        int n = s.length();
        room(n);
        int start = length;
        for (int i = 0; i < n; i++) {
            char c = s.charAt(i);
            if (c >= 128) { length = start; byte[] b = s.getBytes(StandardCharsets.UTF_8); room(b.length); System.arraycopy(b, 0, canonical, length, b.length); length += b.length; return; }
            canonical[length++] = (byte) c;
        }
    }
}
