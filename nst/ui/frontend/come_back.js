// Asks for the server of this address's job until it answers, then loads the page anew from there. A proxy sends the
// question, which has the job's id in it, to that server alone; each server says its name.
const EVERY = 3000;
const LONGEST = 10 * 60 * 1000;

export default function ({ data }) {
  const start = Date.now();
  const timer = setInterval(async () => {
    if (Date.now() - start > LONGEST) return clearInterval(timer);
    try {
      const answer = await fetch(new URL(`healthz${location.search}`, location.href), { cache: "no-store" });
      if (answer.ok && answer.headers.get("X-NST-Server") === data.server) location.reload();
    } catch {
      // The network is away; the next time will tell.
    }
  }, EVERY);
  return () => clearInterval(timer);
}
