using System.Numerics;
using System.Security.Cryptography;
using OpenEim.Protocol.Security.Bsp;

namespace OpenEim.Protocol.Tests.Security.Bsp;

public sealed class AesCmacTests
{
    private const string Message =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void The_examples_of_RFC_4493_clause_4_hold_wherever_the_message_is_cut(int length, string expected)
    {
        using var cmac = new AesCmac(Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c"));
        var message = Convert.FromHexString(Message).AsSpan(0, length);
        var mac = new byte[16];
        for (var cut = 0; cut <= length; cut++)
        {
            cmac.Compute(message[..cut], message[cut..], mac);
            Assert.Equal(expected, Convert.ToHexStringLower(mac));
        }
    }

    [Fact]
    public void A_message_too_long_for_the_stack_gives_the_MAC_of_its_CBC_chain()
    {
        // SP 800-38B by its definition: CBC over the blocks, the last one XORed with the first subkey; zeros make it plain.
        using var cmac = new AesCmac(new byte[16]);
        using var aes = Aes.Create();
        aes.Key = new byte[16];
        var message = new byte[2048];
        Random.Shared.NextBytes(message);
        var subkey = aes.EncryptEcb(new byte[16], PaddingMode.None);
        var doubled = new byte[16];
        var number = new BigInteger(subkey, isUnsigned: true, isBigEndian: true) << 1;
        if (number >= BigInteger.One << 128)
        {
            number = (number - (BigInteger.One << 128)) ^ 0x87;
        }

        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(doubled, 16 - bytes.Length);
        var blocks = message.ToArray();
        for (var i = 0; i < 16; i++)
        {
            blocks[^(16 - i)] ^= doubled[i];
        }

        var mac = new byte[16];
        cmac.Compute(message, mac);
        Assert.Equal(aes.EncryptCbc(blocks, new byte[16], PaddingMode.None)[^16..], mac);
    }
}
