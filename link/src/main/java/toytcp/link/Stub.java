package toytcp.link;

final class Stub {}
