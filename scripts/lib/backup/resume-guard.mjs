// @ts-check
// Lets a paused process go on when whoever paused it has died or takes too long. Arguments: its pid, and after how many
// milliseconds. Says "ready" first; standard input closes with the process that started this one.
const [pid, limit_ms] = process.argv.slice(2).map(Number);

function resume() {
  try {
    process.kill(pid ?? 0, "SIGCONT");
  } finally {
    process.exit();
  }
}

if (!pid || !limit_ms) throw new Error("resume-guard: pid and milliseconds are missing");
setTimeout(resume, limit_ms);
process.stdin.on("end", resume).resume();
process.stdout.write("ready");
