package toytcp.applications;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/// A stream of octets that is made as it is sent: random blocks, each with its number in front, so
/// that a block that is lost, repeated or moved shows in the digest of the whole.
final class Octets {
    /// Octets in a block.
    static final int BLOCK = 1 << 16;

    private static final byte[] NOISE = new byte[BLOCK - Long.BYTES];

    static {
        new SplittableRandom(7).nextBytes(NOISE);
    }

    private Octets() {}

    /// The octets of a stream of `length` from `position` on, to the end of their block at most.
    ///
    /// @param position a multiple of [#BLOCK]
    /// @return a buffer that the caller releases
    static ByteBuf block(ByteBufAllocator allocator, long position, long length) {
        ByteBuf block = allocator.buffer(BLOCK).writeLong(position).writeBytes(NOISE);
        return block.writerIndex((int) Math.min(BLOCK, length - position));
    }

    /// The digest of the whole stream, as `sha256sum` writes it.
    static String sha256(long length) {
        MessageDigest digest = digest();
        for (long position = 0; position < length; position += BLOCK) {
            ByteBuf block = block(ByteBufAllocator.DEFAULT, position, length);
            update(digest, block);
            block.release();
        }
        return text(digest);
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static void update(MessageDigest digest, ByteBuf content) {
        for (var buffer : content.nioBuffers()) {
            digest.update(buffer);
        }
    }

    static String text(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
