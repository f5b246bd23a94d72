package toytcp.conformance;

/// What came of one test with an id in its `@Rfc`, as `RfcRecorder` has written it down.
///
/// @param module the folder of the module
/// @param type the name of the test's class
/// @param outcome `passed`, `failed` or `skipped`
/// @param name the display name
record Result(
        String module,
        String type,
        int rfc,
        String section,
        String id,
        String method,
        String outcome,
        String name) {

    static Result parse(String module, String type, String line) {
        String[] fields = line.split("\t", 6);
        return new Result(
                module,
                type,
                Integer.parseInt(fields[0]),
                fields[1],
                fields[2],
                fields[3],
                fields[4],
                fields[5]);
    }

    boolean passed() {
        return outcome.equals("passed");
    }

    /// `Class.method`, for people.
    String test() {
        return type.substring(type.lastIndexOf('.') + 1) + "." + method;
    }
}
