// What people call a device: its name in the inventory, where it has one. Asked once, kept until somebody changes it.

import * as api from "./api.js";

let asked = null;

export function forgetNames() { asked = null; }

/** Every device of the inventory; none for a caller with a device login, who may not see it. */
export async function inventory() {
  if (api.isPassThrough()) return [];
  asked ??= everyDevice();
  try {
    return await asked;
  } catch (error) {
    asked = null;
    throw error;
  }
}

/** A function (host, port) => name, or the address where the inventory does not know it. */
export async function names() {
  // Without the inventory the page still shows addresses; who may not read it hears so in its own section.
  const devices = await inventory().catch((error) => { if (error.status === 401) throw error; return []; });
  const known = new Map(devices.map((device) => [`${device.host}:${device.port}`, device.name]));
  return (host, port) => known.get(`${host}:${port ?? 22}`) ?? (port && port !== 22 ? `${host}:${port}` : host ?? "?");
}

async function everyDevice() {
  const devices = [];
  for (let after; ;) {
    const page = await api.get("/v2/devices", { limit: 1000, after });
    devices.push(...page.devices);
    if (!page.next) return devices;
    after = page.next;
  }
}
