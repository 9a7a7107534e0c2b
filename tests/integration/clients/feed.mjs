// Sends the events of a file with the Node client (kafkajs) and its default settings.
//
//     node feed.mjs BROKERS TOPIC FILE
//
// The key is the event's pseudonym; an event in which none can be read goes without one. Exit status: 0 all were
// acknowledged, 1 not.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Kafka, logLevel } from "kafkajs";

const recordsOfARequest = 1000;

function pseudonymOf(line) {
  try {
    const { patient } = JSON.parse(line);
    return typeof patient === "string" ? patient : null;
  } catch {
    return null;
  }
}

const [brokers, topic, path] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.ERROR });
const producer = kafka.producer();
await producer.connect();
let messages = [];
const send = async () => {
  if (messages.length > 0) await producer.send({ topic, messages });
  messages = [];
};
for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
  messages.push({ key: pseudonymOf(line), value: line });
  if (messages.length >= recordsOfARequest) await send();
}
await send();
await producer.disconnect();
