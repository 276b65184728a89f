// The console's pages begin here.
const answer = await fetch("/api/session", { headers: { accept: "application/json" } });
const session = await answer.json();
document.getElementById("app").textContent = session.signed_in ? session.user.login : "Doorward";
