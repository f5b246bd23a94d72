package toytcp.testkit;

final class Stub {}
