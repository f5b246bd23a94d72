package toytcp.demo;

import io.netty.channel.ConnectTimeoutException;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// Something went wrong and a user must hear about it in one line: what it was, and what to do.
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /// @param what what is wrong
    /// @param remedy what to do about it
    Failure(String what, String remedy) {
        this(what, remedy, null, Main.FAILED);
    }

    private Failure(String what, String remedy, Throwable cause, int exitCode) {
        super(remedy.isEmpty() ? what : what + "; " + remedy, cause);
        this.exitCode = exitCode;
    }

    /// The end of a program that a signal has ended.
    ///
    /// @param consequence what became of its connections
    static Failure interrupted(String consequence) {
        return new Failure("interrupted", consequence, null, Interrupts.EXIT_CODE);
    }

    /// Translates an exception of the network or of a file. Messages of the stack carry their own
    /// remedy after a semicolon, or in a sentence of its own, and stay as they are.
    static Failure of(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null
                && (cause instanceof CompletionException || cause instanceof ExecutionException)) {
            cause = cause.getCause();
        }
        if (cause instanceof Failure failure) {
            return failure;
        }
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            message = cause.getClass().getSimpleName();
        }
        message = message.strip().replaceAll("\\s*\\R\\s*", " ");
        String what = what(cause, message);
        boolean hasRemedy = what.contains("; ") || what.contains(". ");
        return new Failure(what, hasRemedy ? "" : remedy(cause), cause, Main.FAILED);
    }

    int exitCode() {
        return exitCode;
    }

    private static String what(Throwable cause, String message) {
        return switch (cause) {
            case UnknownHostException _ -> "unknown host " + message.replaceAll(":.*", "");
            case NoSuchFileException _ -> "there is no file " + message;
            case AccessDeniedException _ -> "no permission for the file " + message;
            case IOException _ -> message;
            case UnsatisfiedLinkError _ -> "this machine cannot run it: " + message;
            default -> "unexpected " + cause.getClass().getSimpleName() + ": " + message;
        };
    }

    private static String remedy(Throwable cause) {
        return switch (cause) {
            case ConnectTimeoutException _ ->
                    "is the host up, and is there a firewall? try: ping, ip route get ADDRESS";
            case ConnectException _ -> "start the server first, or try another port";
            case NoRouteToHostException _ -> "look at: ip route get ADDRESS";
            case UnknownHostException _ -> "check the name, or give an IPv4 address";
            case BindException _ -> "choose another port or address; look at: ss -ltn, ip address";
            case ClosedChannelException _ -> "the connection is gone; try again with --log debug";
            case SocketException e when e.getMessage().matches("(?i)(connection reset|broken).*") ->
                    "the peer gave the connection up; look at its log, then try again";
            case NoSuchFileException _ -> "check the path";
            case AccessDeniedException _ -> "change its rights, or choose another file";
            case FileSystemException _ -> "choose another file";
            default -> "see more with --log debug";
        };
    }
}
