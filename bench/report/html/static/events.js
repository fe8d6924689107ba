// What arrives, arrives from the server that gave this page.

const source = new EventSource("events");
source.addEventListener("message", (event) => {
  const news = JSON.parse(event.data);
  showLink("");
  hear(news);
  if (news.state.over) source.close();
});
source.addEventListener("open", () => showLink(""));
source.addEventListener("error", () => showLink(source.readyState === EventSource.CLOSED
  ? "The run can't be reached any more. What stands here stays."
  : "The connection to the run is lost; the page tries again every few seconds. What stands here stays."));
