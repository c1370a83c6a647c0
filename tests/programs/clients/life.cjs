// Copyright (c) 2026, the northflank.cloud contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// A whole life through Northflank's own JavaScript client, against the host that the environment names. Prints one line
// of JSON with what each step answered.

const { createRequire } = require("node:module");

const { ApiClient, ApiClientInMemoryContextProvider } = createRequire(process.env.CLIENTS + "/")("@northflank/js-client");

const addon = { projectId: "default-project", addonId: "postgres-main" };

async function connect(token) {
  const contexts = new ApiClientInMemoryContextProvider();
  await contexts.addContext({ name: "test", token, host: process.env.SANDBOX_URL });
  return new ApiClient(contexts);
}

async function status(answer) {
  return (await answer).error?.status ?? 200;
}

async function completed(list, id) {
  for (let turn = 0; turn < 100; turn += 1) {
    const found = (await list()).find((entry) => entry.id === id);
    if (found?.status === "completed") return found;
  }
  throw new Error(`${id} was never complete`);
}

async function main() {
  const client = await connect(process.env.SANDBOX_TOKEN);
  const said = {};
  const backups = async () => (await client.get.addon.backups({ parameters: addon })).data.backups;
  const restores = async () => (await client.get.addon.restores({ parameters: addon })).data.restores;

  const data = { name: "A dump", backupType: "dump", compressionType: "gz" };
  const { id } = (await client.backup.addon({ parameters: addon, data })).data;
  const one = { ...addon, backupId: id };
  said.backup = await completed(backups, id);
  said.read = (await client.get.addon.backup({ parameters: one })).data.id;
  const link = (await client.get.addon.backup.download({ parameters: one })).data.downloadLink;
  said.file = Buffer.from(await (await fetch(link)).arrayBuffer()).toString("base64");

  const { restoreId } = (await client.restore.addon.backup({ parameters: one })).data;
  said.restore = await completed(restores, restoreId);

  const scheduling = { interval: "daily", minute: [0], hour: [3] };
  const schedule = { scheduling, backupType: "dump", retentionTime: 7 };
  const scheduleId = (await client.create.addon.backupSchedule({ parameters: addon, data: schedule })).data.id;
  said.schedules = (await client.get.addon.backupSchedules({ parameters: addon })).data.schedules;
  await client.delete.addon.backupSchedule({ parameters: { ...addon, scheduleId } });
  said.deleted = await status(client.delete.backup({ parameters: one }));

  const reader = await connect(process.env.SANDBOX_READ_TOKEN);
  const stranger = await connect("a-token-that-nobody-has-given-out");
  const paused = { ...addon, addonId: "postgres-paused" };
  said.refusals = {
    stranger: await status(stranger.get.addon.backups({ parameters: addon })),
    reader: await status(reader.backup.addon({ parameters: addon, data: { name: "Not mine" } })),
    name: await status(client.backup.addon({ parameters: addon, data: { name: "a  b" } })),
    missing: await status(client.get.addon.backups({ parameters: { ...addon, addonId: "no-such-addon" } })),
    paused: await status(client.backup.addon({ parameters: paused, data: { name: "Paused" } })),
  };
  console.log(JSON.stringify(said));
}

// The client would keep the process alive for some seconds more.
main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
